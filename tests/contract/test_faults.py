"""What every registered fault must keep, whoever wrote it; a newcomer is tested unasked."""

import inspect
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, get_args

import pytest

from gameday.catalog.kinds import faults
from gameday.domain.component import Component, ComponentName
from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.errors import InjectorRefusedError
from gameday.domain.fault import Fault
from gameday.domain.ports import Toxic
from gameday.domain.sample import Outcome
from gameday.domain.step import Kept
from gameday.domain.wire import End, Hit, Send, Stall, Step, Wait, WireRequest
from gameday.faults._component import ComponentFault
from gameday.faults._gate import Edits, GateFault
from gameday.faults._service import ServiceFault
from gameday.faults._toxic import ToxicFault
from gameday.gate.dialects import find, names
from gameday.injector.inputs import Inputs
from gameday.injector.port import Asked
from tests.conformance.gate import GateProcess
from tests.conformance.page import PARTS, paragraphs
from tests.conformance.provider import StandInProvider
from tests.contract.rigs.files import GitFilesRig
from tests.contract.rigs.git_file import GitRig, git
from tests.gameday.faults.given import example_settings
from tests.gameday.faults.judged import GOOD, at_primary, counted, record, window
from tests.gameday.faults.wired import asked, body_of, events_of, hit_of
from tests.gameday.injector.rig import Proxied, injection, primary, toxiproxy

__all__ = ["primary", "toxiproxy"]

KINDS = [kind for kind, _ in faults.kinds()]
GATE_KINDS = [kind for kind, fault in faults.kinds() if issubclass(fault, GateFault)]
# The others of the gate are for tools and verifiers, which speak no provider's dialect.
PROVIDER_KINDS = [
    kind
    for kind, fault in faults.kinds()
    if issubclass(fault, GateFault) and not issubclass(fault, ServiceFault)
]
PROXY_KINDS = [kind for kind, fault in faults.kinds() if issubclass(fault, ToxicFault)]
EDITS = [kind for kind, fault in faults.kinds() if issubclass(fault, ComponentFault)]
COMPONENTS = get_args(ComponentName)
FOREIGN = Toxic(name="theirs", type="latency", attributes={"latency": 1, "jitter": 0})
_numbers = itertools.count(1)


def spec(kind: str) -> FaultSpec:
    return FaultSpec(kind=kind, on="provider/primary", settings=example_settings(kind))


def example(kind: str) -> Fault:
    return faults.make(spec(kind))


def gate_fault(kind: str, **settings: Any) -> GateFault:
    wanted = spec(kind)
    fault = faults.make(wanted.model_copy(update={"settings": wanted.settings | settings}))
    assert isinstance(fault, GateFault)
    return fault


# --- a place to inject each of them -------------------------------------------------------------


class Rig(Protocol):
    """The real thing behind one port, with one path to break."""

    path: Any

    def standing(self) -> Any:
        """How the path stands now, to be compared; read by other means than the fault's."""

    async def add_foreign(self) -> None:
        """Do what somebody else might do beside the fault."""

    async def has_foreign(self) -> bool: ...


class ToxiproxyRig:
    def __init__(self, proxied: Proxied) -> None:
        self.path = proxied.path
        self.proxied = proxied

    def standing(self) -> Any:
        return self.proxied.read(), self.proxied.read().enabled and self.proxied.ask()

    async def add_foreign(self) -> None:
        self.proxied.server.add("primary", FOREIGN)

    async def has_foreign(self) -> bool:
        return self.proxied.read().toxics == (FOREIGN,)


class GateRig:
    """One listener of a real gate; somebody else has a rule at the other."""

    def __init__(self, gate: GateProcess, kind: str) -> None:
        wanted = injection(kind, settings=spec(kind).settings)
        service = issubclass(dict(faults.kinds())[kind], ServiceFault)
        self._name, other = ("primary-tool", "second-tool") if service else ("primary", "secondary")
        self.path = gate.gates.path(self._name, Asked(wanted, lease_left_s=60.0))
        self._other = gate.gates.path(other, Asked(wanted, lease_left_s=60.0))
        self._gate = gate
        self._foreign = f"theirs-{next(_numbers)}"

    def standing(self) -> Any:
        return self._gate.rules_in_force(self._name)

    async def add_foreign(self) -> None:
        await self._other.arm(self._foreign)

    async def has_foreign(self) -> bool:
        rule = await self._other.rule(self._foreign)
        await self._other.remove(self._foreign)
        return rule is not None and not rule.ended


class EditRig:
    """A repository of documents for an edit of some, one of settings for another value."""

    def __init__(self, folder: Path, fault: Fault) -> None:
        assert isinstance(fault, ComponentFault)
        documents = isinstance(fault.change(), dict)
        self._rig: GitFilesRig = (GitFilesRig if documents else GitRig)(folder)
        self._beside = folder / ("docs/corpus/theirs.md" if documents else "config/theirs.yaml")
        told = Component(kind="files", settings={})
        self.path = Kept("component lab/primary", self._rig.backend, told)

    def standing(self) -> Any:
        return self._rig.kept()

    async def add_foreign(self) -> None:
        self._beside.write_text("Theirs.")
        git(self._beside.parent, "add", ".")
        git(self._beside.parent, "commit", "--quiet", "-m", "Theirs")

    async def has_foreign(self) -> bool:
        clean = git(self._beside.parent, "status", "--porcelain") == ""
        return clean and self._beside.read_text() == "Theirs."


class InputsRig:
    """What one run's load asks; another fault shifts it too."""

    def __init__(self) -> None:
        asked_for = Asked(injection("input_shift"), lease_left_s=60.0)
        self.path = Inputs().path("primary", asked_for)

    def standing(self) -> Any:
        return [self.path.are_shifted(f"f{number}") for number in range(1000)]

    async def add_foreign(self) -> None:
        self.path.shift("theirs")

    async def has_foreign(self) -> bool:
        return self.path.are_shifted("theirs")


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateProcess]:
    provider = StandInProvider()
    listeners = {"primary": "openai", "secondary": "openai"}
    listeners |= {"primary-tool": "none", "second-tool": "none"}
    process = GateProcess(tmp_path_factory.mktemp("gate"), provider.url, listeners)
    process.start()
    yield process
    process.stop()
    provider.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def fault(kind: str) -> Fault:
    return example(kind)


@pytest.fixture
def fault_id() -> str:
    """A gate remembers a rule for an hour after its end, so each test has its own."""
    return f"f{next(_numbers)}"


@pytest.fixture
def rig(request: pytest.FixtureRequest, kind: str, fault: Fault, tmp_path: Path) -> Rig:
    if fault.port == "gate":
        return GateRig(request.getfixturevalue("gate"), kind)
    if fault.port == "component":
        return EditRig(tmp_path, fault)
    if fault.port == "inputs":
        return InputsRig()
    assert fault.port == "toxiproxy", "a new port needs a rig here"
    return ToxiproxyRig(request.getfixturevalue("primary"))


# --- what it says of itself ---------------------------------------------------------------------


def test_the_first_ones_are_there():
    wanted = {"connection_refused", "connection_reset", "blackhole", "latency", "bandwidth"}
    assert wanted <= set(KINDS)
    assert {"rate_limit", "quota_exhausted", "stream_cut", "usage_inflated"} <= set(GATE_KINDS)


def test_its_docstring_begins_with_a_sentence_for_the_list(kind: str):
    first = (inspect.getdoc(dict(faults.kinds())[kind]) or "").splitlines()[0]
    assert first.endswith(".")
    assert 10 < len(first) <= 80


def test_its_docstring_says_how_it_looks_how_it_shows_and_where_it_is_from(kind: str):
    found = paragraphs(dict(faults.kinds())[kind])
    for part in PARTS:
        assert part in found, f"{kind} has no paragraph that begins with {part!r}"
        assert len(found[part]) > len(part) + 20
        assert found[part].endswith(".")
    assert list(found).index("On the wire") < list(found).index("Source")


def test_it_says_what_it_needs_and_how_it_shows(fault: Fault):
    assert fault.port
    assert fault.scopes
    assert fault.scopes <= set(Scope)
    assert 10 < len(fault.evidence) <= 100
    assert not fault.evidence.endswith(".")  # it stands in lists
    assert 0 < len(fault.legend) <= 30


def test_each_setting_is_bounded(kind: str):
    schema = dict(faults.kinds())[kind].model_json_schema()
    for name, setting in schema.get("properties", {}).items():
        if setting.get("type") in {"integer", "number"} and "enum" not in setting:
            assert {"minimum", "exclusiveMinimum"} & set(setting), f"{name} has no lower bound"
            assert {"maximum", "exclusiveMaximum"} & set(setting), f"{name} has no upper bound"


def test_it_is_the_same_after_a_journal(fault: Fault):
    assert type(fault).model_validate_json(fault.model_dump_json()) == fault


def test_it_objects_in_one_sentence_or_not_at_all(fault: Fault):
    for scope in fault.scopes:
        said = fault.objection(scope)
        assert "\n" not in said
        assert not said.endswith(".")


# --- injected and restored ----------------------------------------------------------------------


async def test_its_undo_is_plain_json(fault: Fault, rig: Rig):
    before = rig.standing()
    undo = await fault.snapshot(rig.path)
    assert json.loads(json.dumps(undo)) == undo
    assert rig.standing() == before


async def test_twice_injected_and_twice_restored_leaves_things_as_they_were(
    fault: Fault, rig: Rig, fault_id: str
):
    before = rig.standing()
    undo = await fault.snapshot(rig.path)
    for _ in range(2):
        await fault.inject(rig.path, fault_id)
        json.dumps(await fault.confirm(rig.path, fault_id))
        json.dumps(await fault.measure(rig.path, fault_id))
        assert not await fault.is_restored(rig.path, fault_id, undo)
    for _ in range(2):
        await fault.restore(rig.path, fault_id, undo)
        assert await fault.is_restored(rig.path, fault_id, undo)
        assert rig.standing() == before


async def test_restore_without_an_inject_changes_nothing(fault: Fault, rig: Rig, fault_id: str):
    before = rig.standing()
    undo = await fault.snapshot(rig.path)
    await fault.restore(rig.path, fault_id, undo)
    assert rig.standing() == before


async def test_confirm_raises_when_it_is_not_in_force(fault: Fault, rig: Rig, fault_id: str):
    with pytest.raises(Exception, match=f"primary|{fault_id}"):
        await fault.confirm(rig.path, fault_id)


async def test_restore_leaves_what_others_added_alone(fault: Fault, rig: Rig, fault_id: str):
    undo = await fault.snapshot(rig.path)
    await fault.inject(rig.path, fault_id)
    await rig.add_foreign()
    await fault.restore(rig.path, fault_id, undo)
    assert await fault.is_restored(rig.path, fault_id, undo)
    assert await rig.has_foreign()


@pytest.mark.parametrize("kind", PROXY_KINDS)
async def test_restore_misses_what_others_took_away(fault: Fault, primary: Proxied):
    """Elsewhere nothing is missed: a rule, or an edit, stands on nothing beside it."""
    primary.server.add("primary", FOREIGN)
    undo = await fault.snapshot(primary.path)
    await fault.inject(primary.path, "f1")
    await fault.restore(primary.path, "f1", undo)
    assert await fault.is_restored(primary.path, "f1", undo)
    primary.server.remove("primary", FOREIGN.name)
    assert not await fault.is_restored(primary.path, "f1", undo)


# --- edits of components ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EDITS)
async def test_an_edit_that_would_change_nothing_is_told_before(fault: Fault, rig: Rig):
    assert isinstance(fault, ComponentFault)
    undo = await fault.snapshot(rig.path)
    await fault.inject(rig.path, "f1")
    assert "it would change nothing" in await fault.why_not_ready(rig.path)
    await fault.restore(rig.path, "f1", undo)


@pytest.mark.parametrize("kind", EDITS)
async def test_an_edit_keeps_off_what_is_off_limits(fault: Fault, rig: Rig):
    before, path = rig.standing(), replace(rig.path, off_limits="it is everybody's")
    assert await fault.why_not_ready(path) == "it is everybody's"
    with pytest.raises(InjectorRefusedError, match="everybody's"):
        await fault.snapshot(path)
    assert rig.standing() == before


@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_is_for_components_alone(fault: Fault):
    assert fault.misplaced("provider/primary").startswith("component/")
    assert fault.misplaced(fault.misplaced("provider/primary").split(" or ")[0]) == ""


# --- felt ---------------------------------------------------------------------------------------


def test_without_samples_it_was_not_felt(fault: Fault):
    felt = fault.felt(record(), "primary", window([]), window([]))
    assert not felt.felt
    assert "primary" in felt.sentence


@pytest.mark.parametrize("kind", GATE_KINDS)
def test_a_gate_that_changed_nothing_proves_nothing(fault: Fault):
    seen = window([at_primary(outcome) for outcome in (Outcome.HTTP_ERROR, Outcome.TIMEOUT)])
    for evidence in (record(), counted(0, matches=2), counted(0)):
        felt = fault.felt(evidence, "primary", window(GOOD), seen)
        assert not felt.felt
        assert "primary" in felt.sentence


@pytest.mark.parametrize("kind", GATE_KINDS)
def test_what_the_gate_changed_and_the_client_did_not_notice_is_told_apart(fault: Fault):
    felt = fault.felt(counted(7), "primary", window(GOOD), window([]))
    assert not felt.felt
    assert isinstance(fault, GateFault)
    told = f"the gate changed 7 of 7 {fault.touched}, but the client did not feel"
    assert felt.sentence.startswith(told)


# --- on the wire, at the gate -------------------------------------------------------------------


def fits(fault: GateFault) -> list[str]:
    return [name for name in names() if not fault.misfit(find(name))]


def changed(fault: GateFault, dialect: str) -> list[str]:
    """Which of its methods change something of a request or an answer."""
    found = []
    for stream in (False, True):
        hit = hit_of(dialect, stream=stream)
        found += ["hold_s"] * (fault.hold_s(hit) > 0)
        found += ["instead"] * (fault.instead(hit) is not None)
        found += ["on_request"] * (fault.on_request(hit) is not None)
    for event in events_of(dialect):
        steps = checked(fault.on_event(hit, event))
        found += ["on_event"] * (steps != [Send(event.raw)])
        hit.tokens += event.is_content
        hit.events += 1
    body = body_of(dialect)
    steps = checked(fault.on_body(hit_of(dialect, stream=False), body))
    return [*found, *(["on_body"] * (steps != [Send(body)]))]


def checked(steps: Any) -> list[Step]:
    """The steps as a list: short, none of nothing, and nothing behind an end."""
    found: list[Step] = list(steps)
    assert 0 < len(found) <= 10
    assert all(isinstance(step, Send | Wait | Stall | End) for step in found)
    assert not [step for step in found[:-1] if isinstance(step, End)]
    return found


@pytest.mark.parametrize("kind", PROVIDER_KINDS)
def test_it_changes_something_for_every_provider_that_it_fits(kind: str):
    # A real bucket is full at first: one that no request fits into shows what it says.
    fault = gate_fault(kind, **({"tokens_per_min": 6} if kind == "quota_bucket" else {}))
    assert fits(fault)
    for dialect in fits(fault):
        assert changed(fault, dialect), dialect


@pytest.mark.parametrize("kind", GATE_KINDS)
def test_it_says_which_part_of_an_answer_it_edits(kind: str):
    """Else the gate would not call it, or would read answers for nothing."""
    cls = dict(faults.kinds())[kind]
    assert issubclass(cls, GateFault)
    stream = cls.on_event is not GateFault.on_event
    body = cls.on_body is not GateFault.on_body
    wanted = {
        (False, False): Edits.NOTHING,
        (True, False): Edits.STREAM,
        (False, True): Edits.BODY,
        (True, True): Edits.BOTH,
    }
    assert cls.edits is wanted[stream, body]


@pytest.mark.parametrize("kind", GATE_KINDS)
def test_it_reads_the_request_that_it_changes(kind: str):
    cls = dict(faults.kinds())[kind]
    assert issubclass(cls, GateFault)
    changes = cls.on_request is not GateFault.on_request
    assert cls.reads_request or not changes
    assert cls.touched == ("requests" if changes else "answers")


@pytest.mark.parametrize("kind", PROVIDER_KINDS)
def test_it_leaves_a_request_for_something_else_than_text_as_it_is(kind: str):
    fault = gate_fault(kind)
    for dialect in fits(fault):
        request = replace(asked(dialect), path="/v1/files")
        hit = Hit(request, find(dialect), now_s=0.0, draw=random.Random(0).random)
        assert fault.on_request(hit) is None


@pytest.mark.parametrize("kind", PROVIDER_KINDS)
def test_it_bears_a_request_that_says_nothing(kind: str):
    """Whoever sends no JSON, or whatever the gate has not read for it."""
    fault = gate_fault(kind)
    for dialect in fits(fault):
        request = WireRequest("GET", "/", {}, {}, "")
        hit = Hit(request, find(dialect), now_s=0.0, draw=random.Random(0).random)
        assert fault.hold_s(hit) >= 0
        fault.instead(hit)
        assert fault.on_request(hit) is None
        for event in events_of(dialect):
            checked(fault.on_event(hit, event))
        for body in (b"", b"\xff", b"[]", b"{}", b"null"):
            checked(fault.on_body(hit, body))


@pytest.mark.parametrize("kind", PROVIDER_KINDS)
def test_it_names_the_provider_that_it_does_not_fit(kind: str):
    fault = gate_fault(kind)
    for dialect in names():
        if said := fault.misfit(find(dialect)):
            assert dialect in said
            assert not said.endswith(".")
    assert "dialect: none" in fault.misfit(None)


@pytest.mark.parametrize("kind", PROVIDER_KINDS)
def test_it_takes_every_scope_and_a_share_must_be_one(kind: str):
    assert gate_fault(kind).scopes == set(Scope)
    assert gate_fault(kind).objection(Scope.ALL) == ""
    assert gate_fault(kind).objection(Scope.MARKED) == ""
    assert "share" in gate_fault(kind).objection(Scope.SHARE)
    assert gate_fault(kind, share=0.25).objection(Scope.SHARE) == ""
    assert gate_fault(kind, ramp="10s").objection(Scope.SHARE) == ""


@pytest.mark.parametrize("kind", [kind for kind in GATE_KINDS if kind not in PROVIDER_KINDS])
def test_a_fault_of_a_tool_or_a_verifier_is_for_who_speaks_no_dialect(kind: str):
    fault = gate_fault(kind)
    assert fault.misfit(None) == ""
    for dialect in names():
        assert dialect in fault.misfit(find(dialect))
    assert fault.scopes == {Scope.ALL, Scope.SHARE}
    assert "models" in gate_fault(kind, models=("heron-*",)).objection(Scope.ALL)
    assert "share" in fault.objection(Scope.SHARE)
    assert gate_fault(kind, share=0.25).objection(Scope.SHARE) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_it_can_be_on(kind: str):
    cls = dict(faults.kinds())[kind]
    places = [
        "provider/any",
        "tool/any",
        "verifier/any",
        "inputs/load",
        *(f"component/{one}" for one in COMPONENTS),
    ]
    belongs = [cls.misplaced(place) for place in places]
    assert belongs.count("") == 1
    right = places[belongs.index("")]
    told = right if right.startswith("component/") else right.replace("/any", "/NAME")
    assert set(belongs) - {""} == {told}
