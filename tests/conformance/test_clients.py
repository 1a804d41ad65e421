"""The official clients make of an injected fault what they make of the real thing."""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import anthropic
import httpx2
import openai
import pytest

from gameday.catalog.kinds import faults
from gameday.domain.drill import FaultSpec
from gameday.domain.errors import InjectorRefusedError
from gameday.faults._gate import GateFault
from gameday.faults._service import ServiceFault
from tests.conformance.clients import Call, Client, Seen
from tests.conformance.expected import DIALECTS, NEVER, OWN, Case, Expect, cases
from tests.conformance.gate import PATIENCE_S, GateProcess
from tests.conformance.provider import PIECES, TEXT, StandInProvider

CASES = [(case, dialect) for case in cases() for dialect in DIALECTS]
NAMES = [f"{case.name}-{dialect}" for case, dialect in CASES]
_ids = itertools.count()


@pytest.fixture(scope="module")
def provider() -> Iterator[StandInProvider]:
    stand_in = StandInProvider()
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def gate(
    provider: StandInProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GateProcess]:
    folder = tmp_path_factory.mktemp("gate")
    process = GateProcess(folder, provider.url, dict(zip(DIALECTS, DIALECTS, strict=True)))
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def clients(gate: GateProcess) -> Iterator[dict[str, Client]]:
    """By dialect. Each keeps its connections from test to test, as it would in a system."""
    made = {dialect: Client(dialect, gate.urls[dialect]) for dialect in DIALECTS}
    yield made
    for client in made.values():
        client.close()


def spec_of(case: Case) -> FaultSpec:
    return FaultSpec(kind=case.fault, on="provider/primary", settings=dict(case.settings))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [False, True])
def test_without_a_fault_the_gate_is_not_noticed(
    clients: dict[str, Client], provider: StandInProvider, dialect: str, stream: bool
):
    with closing(Client(dialect, provider.url)) as direct:
        seen = direct.ask(Call(stream))
    assert seen.text == TEXT
    assert clients[dialect].ask(Call(stream)) == seen


@dataclass(frozen=True)
class Armed:
    """One fault in force at the gate, and the client that is to feel it."""

    gate: GateProcess
    client: Client
    case: Case
    rule_id: str

    def ask(self, *, retries: int = 0) -> Seen:
        call = Call(self.case.stream, retries, self.case.timeout_s)
        return self._ask_until_cleared(call) if self.case.until_cleared else self.client.ask(call)

    def _ask_until_cleared(self, call: Call) -> Seen:
        """Ask, see that the client still waits long after its timeout, and clear the fault."""
        found: list[Seen] = []
        words = threading.Semaphore(0)
        asking = threading.Thread(
            target=lambda: found.append(self.client.ask(call, on_text=words.release))
        )
        asking.start()
        for _ in range(5):
            assert words.acquire(timeout=PATIENCE_S)
        asking.join(timeout=2 * call.timeout_s)
        assert asking.is_alive()
        self.gate.remove(self.rule_id)
        asking.join(timeout=PATIENCE_S)
        assert found
        return found[0]


@pytest.mark.parametrize(("case", "dialect"), CASES, ids=NAMES)
def test_the_client_makes_of_it_what_is_expected(
    gate: GateProcess, clients: dict[str, Client], case: Case, dialect: str
):
    expect = case.expect[dialect]
    armed = Armed(gate, clients[dialect], case, f"f{next(_ids)}")
    if expect.refused:
        with pytest.raises(InjectorRefusedError, match=f"dialect {dialect} never says"):
            gate.put(armed.rule_id, dialect, spec_of(case))
        return
    gate.put(armed.rule_id, dialect, spec_of(case))
    try:
        for _ in range(case.first_pass):
            assert armed.ask().text == TEXT
        began = time.monotonic()
        seen = armed.ask()
        assert time.monotonic() - began >= case.takes_s_min
        retried = armed.ask(retries=1) if expect.raises else None
    finally:
        evidence = gate.remove(armed.rule_id)
    _compare(seen, expect)
    assert evidence.hits >= 1
    if retried is not None:
        assert retried.raised == expect.raises
        _compare_wait(retried.waits_s, expect)
        assert evidence.hits == (2 if expect.wait == NEVER else 3)


def _compare(seen: Seen, expect: Expect) -> None:
    assert (seen.raised, seen.returned) == (expect.raises, expect.returned)
    assert seen.status == expect.status
    if expect.said:
        assert seen.said == expect.said
    if expect.other_text:
        assert seen.text
        assert not TEXT.startswith(seen.text)
    else:
        assert seen.text == "".join(PIECES[: expect.words])
    assert seen.finish == expect.finish
    assert bool(seen.refusal) == expect.refusal
    if expect.tokens is not None:
        assert seen.tokens == expect.tokens


def _compare_wait(waits_s: list[float], expect: Expect) -> None:
    if expect.wait == NEVER:
        assert waits_s == []
    elif expect.wait == OWN:
        (wait_s,) = waits_s
        assert 0.375 <= wait_s <= 0.5
    else:
        (wait_s,) = waits_s
        assert expect.wait - expect.wait_may_lack_s <= wait_s <= expect.wait


def test_every_fault_of_the_gate_is_in_the_table():
    of_providers = {
        kind
        for kind, fault in faults.kinds()
        if issubclass(fault, GateFault) and not issubclass(fault, ServiceFault)
    }
    assert {case.fault for case, _ in CASES} == of_providers


def test_each_case_is_in_the_table_once_and_for_every_dialect():
    names = [case.name for case in cases()]
    assert len(names) == len(set(names))
    assert all(set(case.expect) == set(DIALECTS) for case in cases())


def test_what_is_expected_are_exceptions_that_there_are():
    for case, dialect in CASES:
        package, _, name = case.expect[dialect].raises.rpartition(".")
        own = anthropic if dialect == "anthropic" else openai
        if name:
            kind = getattr({"": own, "httpx2": httpx2, "json": json}[package], name)
            assert issubclass(kind, Exception)
