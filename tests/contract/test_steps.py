"""Every step that changes something: carried out for good by the injector, and undone.

Each kind at a real interface or program, and the injector's whole way of carrying one out at every
backend that holds named versions. A new kind is tried here unasked.
"""

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gameday.catalog.kinds import actions, components, steps
from gameday.domain.act import ActState
from gameday.domain.action import ActionSpec
from gameday.domain.component import Backend, Component
from gameday.domain.drill import StepSpec
from gameday.domain.lease import component_place
from gameday.injector.components import Components, Declared
from tests.contract.rigs.rig import Rig
from tests.contract.test_components import RIGS
from tests.gameday.injector.bench import Bench
from tests.gameday.injector.test_acts import order
from tests.gameday.loopback import Loopback, QuietHandler

NAMED = ("heron-4", "heron-4-2026-08", "somebody-elses")
# Each kind: what it is on, its settings, and the value before, after it, and of somebody else.
CASES: dict[str, tuple[str, dict[str, Any], tuple[Any, Any, Any]]] = {
    "pin_model": ("component/model", {"to": "previous"}, NAMED),
    "offer_model": ("component/gateway", {"to": NAMED[1]}, NAMED),
    "revert_prompt": ("component/prompt", {"to": "previous"}, NAMED),
    "revert_corpus": ("component/index", {"to": NAMED[1]}, NAMED),
    "revert_parameters": ("component/parameters", {"to": 2000}, (40, 2000, 7)),
    "disable_tool": (
        "component/tools", {"tool": "orders"}, (["orders", "tickets"], ["tickets"], ["search"]),
    ),
    "shift_traffic": ("component/route", {"to": "previous"}, NAMED),
    "feature_off": ("component/feature", {"to": "queue"}, ("on", "queue", "off")),
    "set_budget": ("component/budget", {"to": 2.5}, (1000.0, 2.5, 7.5)),
    "http": ("action/rotate-keys", {}, (False, True, None)),
    "command": ("action/rotate-keys", {}, (False, True, None)),
}  # fmt: skip


def test_every_kind_is_tried_here():
    assert CASES.keys() == {kind for kind, _ in steps.kinds()}


@pytest.mark.parametrize("kind", CASES)
def test_its_docstring_begins_with_a_sentence_for_the_list(kind: str):
    first = (inspect.getdoc(dict(steps.kinds())[kind]) or "").splitlines()[0]
    assert first.endswith(".")
    assert 10 < len(first) <= 80


class One(Components):
    """One component, or action, of the target `lab`."""

    def __init__(self, on: str, component: Component, backend: Backend) -> None:
        super().__init__([Path("gameday.yaml")])
        self._only = {component_place("lab", on): Declared(component, backend)}

    def load(self) -> dict[str, Declared]:
        return self._only


class _Handler(QuietHandler):
    world: "World"

    def do_GET(self) -> None:  # noqa: N802 - the server's name for it
        self._told()

    def do_PUT(self) -> None:  # noqa: N802
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.world.value = body["value"]
        self.world.sets += 1
        self._told()

    def _told(self) -> None:
        self.answer(200, json.dumps({"value": self.world.value}).encode())


class World:
    """A value behind an HTTP interface; for the step `command`, a flag that a script sets."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.flag = kind, folder / "flag"
        self.on, _, (self.value, _, _) = CASES[kind]
        self.sets = 0
        self._server = Loopback(type("Handler", (_Handler,), {"world": self}))
        self.known = One(self.on, *self._declared(folder))

    def _declared(self, folder: Path) -> tuple[Component, Backend]:
        url, path = self._server.url, {"path": "/value"}
        put = {"method": "PUT", **path}
        if self.kind == "command":
            script = "import pathlib, sys; flag = pathlib.Path('flag'); "
            run = [sys.executable, "-c"]
            told = {
                "act": [*run, f"{script}flag.touch()"],
                "verify": [*run, f"{script}sys.exit(not flag.exists())"],
                "undo": [*run, f"{script}flag.unlink()"],
            }
        elif self.kind == "http":
            told = {
                "url": url,
                "act": {**put, "json": {"value": True}},
                "verify": {**path, "value": "value"},
                "undo": {**put, "json": {"value": False}},
            }
        else:
            told = {
                "url": url,
                "read": {**path, "value": "value"},
                "change": {**put, "json": {"value": "{{to}}"}},
            }
            spec = Component(kind="http", previous=NAMED[1], settings=told)
            return spec, components.make(spec)
        action = ActionSpec(kind=self.kind, settings=told)
        return action.as_component, actions.make(action).beside(folder)

    @property
    def stands_at(self) -> Any:
        return self.flag.exists() if self.kind == "command" else self.value

    def close(self) -> None:
        self._server.__exit__()


@pytest.fixture(params=CASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(request.param, tmp_path)
    yield made
    made.close()


def spec_of(world: World) -> StepSpec:
    on, settings, _ = CASES[world.kind]
    return StepSpec(kind=world.kind, on=on, settings=settings)


async def test_carried_out_once_and_undone_once(world: World, tmp_path: Path):
    before, after, _ = CASES[world.kind][2]
    bench = Bench(tmp_path, others={"component": world.known})
    wanted = order(spec_of(world))
    outlook = await bench.acts.outlook(wanted)
    assert (outlook.refusal, outlook.already, world.stands_at) == ("", False, before)
    for _ in range(2):
        record = await bench.acts.carry_out("a1", wanted)
        assert (record.state, record.problem, world.stands_at) == (ActState.DONE, "", after)
    bench.restart()  # what puts it back is in the journal, and nowhere else
    for _ in range(2):
        record = await bench.acts.undo("a1")
        assert (record.state, record.undo_failed, world.stands_at) == (ActState.UNDONE, "", before)
    assert record.before is not None
    assert record.after is not None
    assert record.before.digest == record.after.digest
    assert world.sets == (0 if world.kind == "command" else 2)


# An action is done or not: there is nothing of somebody else's in between.
@pytest.mark.parametrize(
    "world", [kind for kind, case in CASES.items() if case[2][2] is not None], indirect=True
)
async def test_somebody_elses_change_is_left_alone_and_said_how_to_merge(
    world: World, tmp_path: Path
):
    foreign = CASES[world.kind][2][2]
    bench = Bench(tmp_path, others={"component": world.known})
    await bench.acts.carry_out("a1", order(spec_of(world)))
    world.value = foreign
    record = await bench.acts.undo("a1")
    assert (record.state, world.value) == (ActState.DONE, foreign)
    assert "theirs is left alone; decide who is right" in record.undo_failed


VERSIONED = [name for name, rig in RIGS.items() if isinstance(rig.new, str)]


@pytest.fixture(params=VERSIONED)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    made = RIGS[request.param](tmp_path)
    yield made
    made.close()


async def test_at_every_backend_it_stays_and_goes_back_exactly(rig: Rig, tmp_path: Path):
    state = tmp_path / "state"
    state.mkdir()
    spec = Component(kind="any", settings={})
    bench = Bench(state, others={"component": One("component/route", spec, rig.backend)})
    before = rig.kept()
    step = StepSpec(kind="shift_traffic", on="component/route", settings={"to": rig.new})
    record = await bench.acts.carry_out("a1", order(step))
    assert (record.state, record.problem) == (ActState.DONE, "")
    assert rig.kept() != before
    bench.restart()
    await bench.keeper.recover()
    await bench.acts.recover()
    assert bench.acts.get("a1") == record
    assert (await bench.acts.verify("a1")).state is ActState.DONE
    assert (await bench.acts.undo("a1")).state is ActState.UNDONE
    assert rig.kept() == before
