"""The response: while the fault is there, held beside it, and undone after it, whatever happens."""

import pytest
from temporalio.client import WorkflowFailureError

from activities.messages import HoldEnded
from gameday.domain.drill import Drill
from gameday.domain.plan import make_plan
from gameday.domain.verdict import Verdict
from tests.workflows.stand_ins import StandIns
from tests.workflows.test_drill import at_work, request_for, start, until
from workflows.drill import DrillWorkflow

PIN = {"step": "pin_model", "to": "previous"}
WINDOWS = {"baseline": "20s", "faulted": "30s", "responded": "20s", "recovered": "5s"}


def responding(run_id, *, rehearses=False):
    """The usual outage, answered by a pin; or the pin alone."""
    request = request_for(run_id)
    windows = {name: WINDOWS[name] for name in WINDOWS if not rehearses or name != "faulted"}
    changes = {"respond": [PIN], "windows": windows}
    if rehearses:
        slo = {"kind": "slo", "name": "availability"}
        changes |= {"rehearse": "rollback", "faults": (), "checks": [slo]}
    drill = Drill.model_validate(request.drill.model_dump() | changes)
    plan = make_plan(drill, request.target, request.environment)
    return request.model_copy(update={"drill": drill, "plan": plan})


def order(here):
    return [call for call in here.calls if call != "hold"]


async def test_it_comes_while_the_fault_is_there_and_goes_after_it(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        await (await start(temporal, responding("RSP1"))).result()
    assert order(here) == [
        "preflight", "start_load", "observe baseline", "inject", "observe faulted", "respond",
        "observe responded", "restore by restore", "observe recovered", "stop_load", "judge",
        "report",
    ]  # fmt: skip
    assert here.cleared == ["RSP1-0", "RSP1-step-0"]
    record = here.record
    assert [one.id for one in record.faults] == ["RSP1-0"]
    assert [one.id for one in record.steps] == ["RSP1-step-0"]
    moments = [
        record.inject.confirmed_at, record.decided_at, record.respond.requested_at,
        record.respond.confirmed_at, record.restore.requested_at,
    ]  # fmt: skip
    assert moments == sorted(moments)
    assert not here.armed


async def test_faults_and_steps_are_held_together(temporal):
    here = StandIns()
    here.observe_hangs = {"responded"}
    async with at_work(temporal, here):
        handle = await start(temporal, responding("RSP2"))
        await until(lambda: len(here.held) == 2)
        assert await handle.query(DrillWorkflow.wants_faults)
        here.observe_hangs = set()
        await handle.result()
    assert here.held == [("RSP2-0",), ("RSP2-0", "RSP2-step-0")]


async def test_a_rehearsal_breaks_nothing_and_puts_the_pin_back(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        await (await start(temporal, responding("RHS1", rehearses=True))).result()
    assert order(here) == [
        "preflight", "start_load", "observe baseline", "respond", "observe responded",
        "restore by restore", "observe recovered", "stop_load", "judge", "report",
    ]  # fmt: skip
    assert here.held == [("RHS1-step-0",)]
    assert here.cleared == ["RHS1-step-0"]
    assert (here.record.inject, here.record.faults) == (None, ())


@pytest.mark.parametrize("rehearses", [False, True])
@pytest.mark.parametrize("where", ["respond", "responded"])
async def test_a_stop_during_the_response_undoes_everything(temporal, where, rehearses):
    here = StandIns()
    here.respond_hangs = where == "respond"
    here.observe_hangs = {where}
    async with at_work(temporal, here):
        handle = await start(temporal, responding("STP1", rehearses=rehearses))
        await until(lambda: "respond" in here.calls)
        await until(lambda: where == "respond" or "observe responded" in here.calls)
        said = await handle.execute_update(DrillWorkflow.abort_now, "dana")
        assert said == "everything was put back"
        assert not here.armed
        here.respond_hangs = False
        result = await handle.result()
    assert result.verdict is Verdict.ABORTED
    assert here.cleared[-1] == "STP1-step-0"
    assert "observe recovered" not in here.calls


async def test_a_cancel_during_the_response_undoes_everything(temporal):
    here = StandIns()
    here.observe_hangs = {"responded"}
    async with at_work(temporal, here):
        handle = await start(temporal, responding("CNC1"))
        await until(lambda: "observe responded" in here.calls)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert not here.armed


async def test_a_step_whose_answer_was_lost_is_undone(temporal):
    here = StandIns()
    here.respond_fails = True
    async with at_work(temporal, here):
        result = await (await start(temporal, responding("LST1"))).result()
    assert not here.armed
    assert "observe responded" not in here.calls
    assert result.verdict is Verdict.INCONCLUSIVE


async def test_a_step_that_the_injector_refuses_is_no_finding_about_the_system(temporal):
    here = StandIns()
    here.respond_refusal = "component/lab/model is held by run 7Q2K"
    async with at_work(temporal, here):
        result = await (await start(temporal, responding("RFS1"))).result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "could not be called: component/lab/model is held by run 7Q2K" in result.reason
    assert "observe responded" not in here.calls
    assert not here.armed


async def test_a_guard_ends_the_drill_before_it_responds(temporal):
    here = StandIns()
    here.observe_ends = {"faulted": "guard"}
    async with at_work(temporal, here):
        await (await start(temporal, responding("GRD1"))).result()
    assert "respond" not in here.calls
    assert "observe recovered" in here.calls


async def test_leases_that_nobody_renews_end_the_response(temporal):
    here = StandIns()
    here.observe_hangs = {"responded"}
    async with at_work(temporal, here):
        handle = await start(temporal, responding("HLD1"))
        await until(lambda: "observe responded" in here.calls)
        here.hold_ends = HoldEnded(why="pin_model on component/model is cleared by lease")
        result = await handle.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cleared by lease" in here.record.invalid


async def test_an_edit_of_somebody_else_leaves_the_run_dirty(temporal):
    here = StandIns()
    here.stuck = {"DRT1-step-0"}
    async with at_work(temporal, here):
        result = await (await start(temporal, responding("DRT1"))).result()
    assert (result.verdict, result.exit_code) == (Verdict.DIRTY, 5)
