"""Steps of a response, held by the keeper like faults, and undone after them."""

from pathlib import Path

import pytest

from gameday.domain.drill import FaultSpec, StepSpec
from gameday.domain.lease import ClearedBy, FaultState
from gameday.faults.connection_refused import ConnectionRefused
from gameday.injector.act import make_act
from gameday.injector.components import Components, Declared
from gameday.injector.journal import read_journal
from gameday.injector.keeper import RETRY_EVERY_S
from gameday.injector.refusal import Why
from tests.gameday.injector.bench import Bench, refused
from tests.gameday.injector.rig import injection
from tests.gameday.steps.kept import Shelf


class OneShelf(Components):
    """The component lab/model, in memory."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__([Path("gameday.yaml")])
        self.shelf = shelf

    def load(self):
        kept = self.shelf.kept()
        return {"lab/model": Declared(kept.component, kept.backend)}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def bench(tmp_path: Path, shelf: Shelf) -> Bench:
    return Bench(tmp_path, others={"component": OneShelf(shelf)})


def step(**changes):
    settings = changes.pop("settings", {"to": "previous"})
    on = changes.pop("on", "component/model")
    spec = StepSpec(kind="pin_model", on=on, settings=settings)
    return injection(fault=spec, address={}, **changes)


async def test_carried_out_with_what_became_of_it(bench: Bench, shelf: Shelf):
    record = await bench.keeper.arm("s1", step())
    assert (record.state, record.step, record.claim) == (
        FaultState.ARMED, True, "component/lab/model",
    )  # fmt: skip
    told = record.evidence
    assert (told["to"], told["seen_as"]) == ("heron-4-2026-08", "heron-4-2026-08")
    assert (told["failed"], told["unverified"]) == ("", "")
    assert told["called_at"] <= told["answered_at"]
    assert told["version_at_arm"]["label"] == "heron-4"
    assert shelf.value == "heron-4-2026-08"
    gone = await bench.keeper.clear("s1", ClearedBy.RESTORE)
    assert (gone.cleared_by, gone.evidence["version_at_clear"]["label"]) == (
        ClearedBy.RESTORE, "heron-4-2026-08",
    )  # fmt: skip
    assert shelf.value == "heron-4"


async def test_what_must_be_undone_is_on_disk_before_the_mechanism_is_called(
    tmp_path: Path, shelf: Shelf
):
    class Watching(OneShelf):
        def path(self, name, asked):
            outstanding = read_journal(tmp_path / "undo.jsonl").outstanding
            seen.append("s1" in outstanding and outstanding["s1"].intent.undo)
            return super().path(name, asked)

    seen: list = []
    bench = Bench(tmp_path, others={"component": Watching(shelf)})
    await bench.keeper.arm("s1", step())
    assert seen[-1] == {"value": "heron-4"}


async def test_a_mechanism_that_failed_is_a_finding_and_is_undone_all_the_same(
    bench: Bench, shelf: Shelf
):
    shelf.deaf = True  # it sets the value, and its answer is lost
    record = await bench.keeper.arm("s1", step())
    assert record.state is FaultState.ARMED
    assert record.evidence["failed"] == "the shelf does not answer PUT"
    assert shelf.value == "heron-4-2026-08"
    assert (await bench.keeper.clear("s1", ClearedBy.RESTORE)).state is FaultState.CLEARED
    assert shelf.value == "heron-4"


async def test_a_mechanism_that_changed_nothing_is_a_finding(bench: Bench, shelf: Shelf):
    shelf.stubborn = True
    record = await bench.keeper.arm("s1", step())
    assert record.evidence["failed"] == ""
    assert record.evidence["unverified"] == "the shelf is heron-4, not heron-4-2026-08"
    assert (await bench.keeper.clear("s1", ClearedBy.RESTORE)).state is FaultState.CLEARED
    assert shelf.changes == ["heron-4-2026-08"]


async def test_a_renewal_does_not_ask_the_mechanism(bench: Bench, shelf: Shelf):
    await bench.keeper.arm("s1", step())
    shelf.dark = True
    bench.now_s += 10
    record = await bench.keeper.renew("s1")
    assert (record.state, record.expires_in_s) == (FaultState.ARMED, 15)


async def test_its_lease_and_its_deadline_end_it(bench: Bench, shelf: Shelf):
    await bench.keeper.arm("s1", step())
    await bench.pass_time(14.9)
    assert shelf.value == "heron-4-2026-08"
    await bench.pass_time(0.1)
    assert shelf.value == "heron-4"
    assert bench.keeper.get("s1").cleared_by is ClearedBy.LEASE
    await bench.keeper.arm("s2", step(deadline_s=5))
    await bench.pass_time(5)
    assert shelf.value == "heron-4"
    assert "deadline of 5 s" in bench.keeper.get("s2").cleared_because


async def test_somebody_elses_edit_stays_and_the_step_is_stuck_until_they_agree(
    bench: Bench, shelf: Shelf
):
    await bench.keeper.arm("s1", step())
    shelf.value = "heron-5"
    record = await bench.keeper.clear("s1", ClearedBy.RESTORE)
    assert record.state is FaultState.STUCK
    assert "the shelf is heron-5: neither heron-4-2026-08" in record.cleared_because
    await bench.pass_time(RETRY_EVERY_S)
    assert shelf.value == "heron-5"
    shelf.value = "heron-4"  # they put it back themselves
    await bench.pass_time(RETRY_EVERY_S)
    assert bench.keeper.get("s1").state is FaultState.CLEARED


async def test_after_a_crash_the_step_is_undone_from_the_journal(bench: Bench, shelf: Shelf):
    await bench.keeper.arm("s1", step())
    bench.restart()
    record = (await bench.keeper.recover())[0]
    assert (record.step, record.cleared_by) == (True, ClearedBy.RECOVERY)
    assert shelf.value == "heron-4"
    await refused(bench.keeper.arm("s1", step()), Why.CONFLICT, "cleared already")


async def test_a_crash_between_intent_and_call_undoes_nothing(bench: Bench, shelf: Shelf):
    shelf.stubborn = True
    await bench.keeper.arm("s1", step())
    lines = bench.path.read_text().splitlines(keepends=True)
    bench.path.write_text("".join(line for line in lines if '"what":"armed"' not in line))
    bench.restart()
    assert (await bench.keeper.recover())[0].state is FaultState.CLEARED
    assert shelf.changes == ["heron-4-2026-08"]


class Noting(ConnectionRefused):
    """Notes when it is restored, and what the model was then."""

    async def restore(self, path, fault_id, undo):
        NOTED.append(SHELVES[-1].value)
        await super().restore(path, fault_id, undo)


NOTED: list = []
SHELVES: list[Shelf] = []


@pytest.mark.parametrize("how", ["stop", "lease", "recovery", "end"])
async def test_faults_go_first_and_then_the_step(tmp_path: Path, shelf: Shelf, how: str):
    def make(spec: FaultSpec | StepSpec):
        return make_act(spec) if isinstance(spec, StepSpec) else Noting()

    NOTED.clear()
    SHELVES.append(shelf)
    bench = Bench(tmp_path, make, {"component": OneShelf(shelf)})
    await bench.keeper.arm("s1", step())  # first, so that the order is no accident
    await bench.keeper.arm("f1", injection())
    if how == "recovery":
        bench.restart()
    undo = {
        "stop": bench.keeper.stop, "end": bench.keeper.end,
        "recovery": bench.keeper.recover, "lease": lambda: bench.pass_time(15),
    }[how]  # fmt: skip
    await undo()
    assert NOTED == ["heron-4-2026-08"], "the pin was gone before the fault"
    assert shelf.value == "heron-4"
    assert bench.port.is_clean("primary")


async def test_a_fault_that_cannot_be_undone_does_not_keep_the_step(bench: Bench, shelf: Shelf):
    await bench.keeper.arm("f1", injection())
    await bench.keeper.arm("s1", step())
    bench.port.dead = True
    await bench.pass_time(15)
    assert shelf.value == "heron-4"
    assert bench.keeper.get("f1").state is FaultState.STUCK


async def test_what_is_known_against_it_is_said_before_and_touches_nothing(
    bench: Bench, shelf: Shelf
):
    assert await bench.keeper.check(step()) == ""
    shelf.stocks.clear()
    assert await bench.keeper.check(step()) == (
        "component lab/model cannot be pinned: heron-4-2026-08 is not to be had"
    )
    assert shelf.changes == []


async def test_two_steps_on_one_component_are_refused(bench: Bench):
    await bench.keeper.arm("s1", step())
    await refused(bench.keeper.arm("s2", step()), Why.CONFLICT, "component/lab/model is held by")


async def test_no_request_can_name_another_targets_component(tmp_path: Path, shelf: Shelf):
    bench = Bench(tmp_path, others={"component": OneShelf(shelf)})
    wanted = step().model_copy(update={"address": {"component": "lab/model"}, "target": "other"})
    said = await bench.keeper.check(wanted)
    assert "no rule that allows pin_model on component/model of other/local" in said
    there = await bench.keeper.check(step(on="component/prompt"))
    assert "knows no component lab/prompt (it has: lab/model)" in there


async def test_without_a_target_file_the_injector_changes_nothing(tmp_path: Path):
    bench = Bench(tmp_path)
    await refused(bench.keeper.arm("s1", step()), Why.MALFORMED, "started without --target")
