"""The driver of the gate, against real gate processes: one, and two replicas."""

import asyncio
import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gameday.domain.drill import Scope
from gameday.domain.errors import (
    InjectorRefusedError,
    InjectorUnreachableError,
    LeaseEndedError,
    StartError,
)
from gameday.domain.gate import MarkerMatch, Rule, WatchOrder
from gameday.injector.gate import Gates
from gameday.injector.port import Asked, PathGoneError
from gameday.injector.refusal import RefusalError
from tests.gameday.injector.gate_rig import (
    FAULT_STATUS,
    GateProcess,
    Provider,
    gate_injection,
)
from tests.gameday.injector.rig import soon, until

_NUMBERS = itertools.count(1)
HEADER = MarkerMatch(header="x-gameday")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture(scope="module")
def replicas(
    tmp_path_factory: pytest.TempPathFactory, provider: Provider
) -> Iterator[tuple[GateProcess, GateProcess]]:
    folder = tmp_path_factory.mktemp("gates")
    first = GateProcess(folder, provider.url, name="gate-a")
    second = GateProcess(folder, provider.url, name="gate-b")
    first.start()
    second.start()
    yield first, second
    first.end()
    second.end()


@pytest.fixture
def both(replicas: tuple[GateProcess, GateProcess]) -> Iterator[tuple[GateProcess, GateProcess]]:
    for gate in replicas:
        if gate.pid is None:
            gate.start()
    yield replicas
    for gate in replicas:
        for rule in gate.rules() if gate.pid else ():
            gate.remove(rule)


@pytest.fixture
def f1() -> str:
    """An id that no gate has seen: it remembers rules that have ended."""
    return f"f{next(_NUMBERS)}"


def drive(*gates: GateProcess, timeout_s: float = 5.0) -> Gates:
    return Gates([gate.file for gate in gates], timeout_s=timeout_s)


def asked(lease_left_s: float = 30.0, **changes) -> Asked:
    return Asked(gate_injection(**changes), lease_left_s)


def rule_of_others(gate: GateProcess) -> str:
    """Put a rule that is not ours at the listener `primary`; returns its id."""
    rule_id, fault = f"theirs-{next(_NUMBERS)}", gate_injection().fault
    gate.put(Rule(id=rule_id, run_id="X", listener="primary", fault=fault, lease_s=30.0))
    return rule_id


# --- a whole life -------------------------------------------------------------------------------


async def test_a_rule_is_put_on_both_counted_on_both_and_removed_from_both(both, f1: str):
    gates = drive(*both)
    assert await gates.answers()
    assert (await gates.look("primary")).obstacle == ""
    path = gates.path("primary", asked())
    await path.arm(f1)
    assert [gate.rules() for gate in both] == [[f1], [f1]]
    assert [gate.ask() for gate in (both[0], both[0], both[1])] == [FAULT_STATUS] * 3
    state = await path.rule(f1)
    assert (state.kind, state.ended, state.evidence.hits) == ("http_error", "", 3)
    assert len(state.evidence.request_ids) == 3
    assert 25 < state.expires_in_s <= 30
    await gates.verify("primary", f1, {"boot": (await path.read()).boot})
    await path.remove(f1)
    assert [gate.ask() for gate in both] == [200, 200]
    gone = await path.rule(f1)
    assert (gone.ended, gone.evidence.hits) == ("cleared", 3)
    await path.remove(f1)
    await path.remove("never-there")
    assert await path.rule("never-there") is None


async def test_removing_releases_what_it_holds(both, f1: str):
    path = drive(both[0]).path("primary", asked(settings={"after": "60s"}))
    await path.arm(f1)
    statuses: list[int] = []
    waiting = threading.Thread(target=lambda: statuses.append(both[0].ask()))
    waiting.start()

    async def held() -> bool:
        return (await path.rule(f1)).evidence.held == 1

    await soon(held, "the request is held")
    await path.remove(f1)
    waiting.join(10)
    assert statuses
    assert statuses[0] in (200, FAULT_STATUS)


async def test_the_lease_is_what_is_left_and_runs_out_by_itself(both, f1: str):
    gates = drive(*both)
    path = gates.path("primary", asked(lease_left_s=0.5))
    await path.arm(f1)
    began = time.monotonic()
    until(lambda: both[0].ask() == both[1].ask() == 200, "its lease is over")
    assert time.monotonic() - began > 0.3
    assert (await path.rule(f1)).ended == "lease"
    with pytest.raises(LeaseEndedError, match="gate-a ended it with its own lease"):
        await gates.verify("primary", f1, {})
    with pytest.raises(LeaseEndedError, match="its own lease"):
        await gates.renew("primary", f1, 10)


async def test_renewed_it_lives_on(both, f1: str):
    gates = drive(*both)
    path = gates.path("primary", asked(lease_left_s=3.0))
    await path.arm(f1)
    for _ in range(4):
        await gates.renew("primary", f1, 3.0)
        await asyncio.sleep(1.0)
    assert [gate.rules() for gate in both] == [[f1], [f1]]
    await gates.renew("primary", f1, 5000.0)  # a lease that is longer than a gate takes
    assert 3590 < (await path.rule(f1)).expires_in_s <= 3600


async def test_with_no_lease_left_nothing_is_asked(both, f1: str):
    gates = drive(*both)
    with pytest.raises(LeaseEndedError, match="was over before"):
        await gates.path("primary", asked(lease_left_s=0.0)).arm(f1)
    with pytest.raises(LeaseEndedError, match="was over before"):
        await gates.renew("primary", f1, 0.0)
    assert both[0].rules() == []


# --- a no ---------------------------------------------------------------------------------------


async def test_an_unknown_listener_names_those_that_are_there(both):
    with pytest.raises(PathGoneError, match="no listener 'third'; it has primary, secondary"):
        await drive(both[0]).look("third")


async def test_a_rule_that_is_not_ours_is_an_obstacle_on_either_replica(both):
    theirs = rule_of_others(both[1])
    gates = drive(*both)
    assert f"{theirs} (http_error)" in (await gates.look("primary")).obstacle
    assert "gate-b" in (await gates.look("primary")).obstacle
    assert (await gates.look("secondary")).obstacle == ""
    (left,) = await gates.survey()
    assert left.startswith(f"the listener primary of gate gate-b carries the rule {theirs} ")


async def test_a_conflict_on_one_replica_is_a_no(both, f1: str):
    theirs = rule_of_others(both[1])
    path = drive(*both).path("primary", asked())
    with pytest.raises(InjectorRefusedError, match="the gate gate-b: "):
        await path.arm(f1)
    await path.remove(f1)
    assert [gate.rules() for gate in both] == [[], [theirs]]


async def test_what_the_gate_cannot_do_is_its_sentence(both, f1: str):
    wanted = asked(scope=Scope.MARKED)  # and nobody says what marks them
    with pytest.raises(InjectorRefusedError, match=r"the gate gate-a: .*marker"):
        await drive(both[0]).path("primary", wanted).arm(f1)


async def test_a_wrong_token_is_a_no(both, tmp_path: Path):
    copy = tmp_path / "gate.yaml"
    copy.write_text(both[0].file.read_text())
    (tmp_path / "gate.token").write_text("wrong")
    with pytest.raises(InjectorRefusedError, match="token"):
        await Gates([copy]).look("primary")


async def test_a_replica_that_lost_the_rule_is_noticed(both, f1: str):
    gates = drive(*both)
    path = gates.path("primary", asked())
    await path.arm(f1)
    both[1].remove(f1)
    assert (await path.rule(f1)).ended == ""  # half of it is still in force
    with pytest.raises(InjectorRefusedError, match=f"gate-b holds rule {f1} no longer: cleared"):
        await gates.verify("primary", f1, {})
    with pytest.raises(InjectorRefusedError, match=f"gate-b holds rule {f1} no longer"):
        await gates.renew("primary", f1, 10)


async def test_rebuilding_empties_the_listener(both):
    left_behind = rule_of_others(both[0])
    gates = drive(*both)
    await gates.rebuild("secondary", {})
    assert both[0].rules() == [left_behind]
    await gates.rebuild("primary", {})
    assert both[0].rules() == []


# --- no answer ----------------------------------------------------------------------------------


async def test_one_replica_that_is_silent_is_no_answer(both, f1: str):
    gates = drive(*both, timeout_s=0.5)
    path = gates.path("primary", asked())
    await path.arm(f1)
    os.kill(both[1].pid, signal.SIGSTOP)
    try:
        assert await gates.health() == {"gate-a": True, "gate-b": False}
        assert not await gates.answers()
        for reading in (path.rule(f1), path.remove(f1), gates.look("primary")):
            with pytest.raises(InjectorUnreachableError, match=r"gate-b .* did not answer"):
                await reading
    finally:
        os.kill(both[1].pid, signal.SIGCONT)
    assert both[0].rules() == []  # what could be done was done
    await path.remove(f1)
    assert both[1].rules() == []


async def test_a_gate_that_was_started_again_says_so(both, f1: str):
    gates = drive(*both)
    path = gates.path("primary", asked())
    await path.arm(f1)
    evidence = {"boot": (await path.read()).boot}
    both[1].kill()
    both[1].start()
    says = r"gate-b was started again at \d\d:\d\d:\d\d UTC and took the rule with it"
    with pytest.raises(PathGoneError, match=says):
        await gates.verify("primary", f1, evidence)


async def test_a_gate_file_that_cannot_be_read_is_no_answer(tmp_path: Path):
    file = tmp_path / "gate.yaml"
    gates = Gates([file])
    assert await gates.health() == {str(file): False}
    with pytest.raises(InjectorUnreachableError, match=r"gate\.yaml cannot be used"):
        await gates.look("primary")


def test_two_gates_of_one_name_are_refused(tmp_path: Path, provider: Provider):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    twins = [GateProcess(tmp_path / folder, provider.url) for folder in ("a", "b")]
    with pytest.raises(StartError, match="both name their gate 'lab'"):
        drive(*twins).load()


# --- watches ------------------------------------------------------------------------------------


async def test_a_watch_counts_at_both_and_its_calls_come_in_order(both):
    gates = drive(*both)
    await gates.watch("RUN1", WatchOrder(marker=HEADER))
    for number, gate in enumerate((both[0], both[1], both[0])):
        assert gate.ask(x_gameday=f"RUN1.r{number}") == 200
    assert both[1].ask(x_request_id="somebody") == 200
    seen = await gates.watched("RUN1")
    assert seen.calls == 4
    assert (seen.traffic["primary"].marked, seen.traffic["primary"].unmarked) == (3, 1)
    calls = await gates.calls("RUN1")
    assert [call.request_id for call in calls] == ["r0", "r1", "r2", "somebody"]
    assert {call.status for call in calls} == {200}
    await gates.unwatch("RUN1")
    await gates.unwatch("RUN1")
    with pytest.raises(RefusalError, match="run RUN1 is not watched everywhere: the gate gate-a"):
        await gates.watched("RUN1")
    with pytest.raises(RefusalError, match="is not watched"):
        await gates.calls("RUN1")


async def test_a_long_log_comes_whole(both):
    """A gate gives it page by page."""
    gates = drive(*both)
    await gates.watch("LONG", WatchOrder(marker=HEADER))
    assert set(both[0].ask_often(2_100, x_gameday="LONG.r0")) == {200}
    assert set(both[1].ask_often(3, x_gameday="LONG.r1")) == {200}
    calls = await gates.calls("LONG")
    assert [call.request_id for call in calls] == ["r0"] * 2_100 + ["r1"] * 3
    assert calls == sorted(calls, key=lambda call: call.started_at)
    await gates.unwatch("LONG")


async def test_without_a_gate_nothing_can_be_watched():
    with pytest.raises(RefusalError, match="drives no gate"):
        await Gates([]).watch("RUN1", WatchOrder())
