"""The workflow's own decisions: what follows what, and that everything leads to restore.

The guardian's part needs a server that hands on the end of a parent: see tests/kill.
"""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import CancelledError
from temporalio.worker import Worker

from activities.messages import Approved, HoldEnded
from gameday.domain.abort import AbortCondition
from gameday.domain.channel import Channel
from gameday.domain.drill import Drill, Scope
from gameday.domain.front_door import Marker
from gameday.domain.gate import Traffic
from gameday.domain.plan import make_plan
from gameday.domain.progress import Approval
from gameday.domain.verdict import Verdict
from gameday.supervisor.queues import QUEUE_CLOSE, QUEUE_DRILL, QUEUE_HOLD
from tests.gameday.reporting.runs import passing_run
from tests.workflows.stand_ins import StandIns
from workflows.drill import DrillWorkflow
from workflows.guardian import GuardianWorkflow

ALL_PHASES = [
    "preflight", "start_load", "observe baseline", "inject", "hold", "observe faulted",
    "restore by restore", "observe recovered", "stop_load", "judge", "report",
]  # fmt: skip


def request_for(run_id, **drill_changes):
    request = passing_run().record.request
    drill = request.drill.model_copy(update=drill_changes)
    plan = make_plan(drill, request.target, request.environment)
    return request.model_copy(update={"run_id": run_id, "drill": drill, "plan": plan})


@asynccontextmanager
async def at_work(temporal, stand_ins):
    """Workers on the three queues, as in production, with stand-ins for their activities."""
    workers = [
        Worker(
            temporal.client,
            task_queue=queue,
            activities=stand_ins.all(),
            workflows=[DrillWorkflow, GuardianWorkflow] if queue == QUEUE_DRILL else [],
            max_heartbeat_throttle_interval=timedelta(milliseconds=50),
        )
        for queue in (QUEUE_DRILL, QUEUE_HOLD, QUEUE_CLOSE)
    ]
    async with workers[0], workers[1], workers[2]:
        yield


async def start(temporal, request):
    return await temporal.client.start_workflow(
        DrillWorkflow.run, request, id=f"drill-{request.run_id}", task_queue=QUEUE_DRILL
    )


async def until(condition, *, within_s=20.0):
    for _ in range(int(within_s / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not come to that")


async def test_the_way_through_the_house(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        await (await start(temporal, request_for("WAY1"))).result()
    assert [call for call in here.calls if call != "hold"] == [
        phase for phase in ALL_PHASES if phase != "hold"
    ]
    assert "hold" in here.calls
    assert here.record.closed_by == "workflow"
    assert not here.armed


@pytest.mark.parametrize(
    ("on", "home"), [("provider/secondary", "secondary"), ("tool/orders", "primary")]
)
async def test_who_must_serve_again_is_who_failed_or_else_who_served_before(temporal, on, home):
    here = StandIns()
    here.served_by = {"secondary": 3, "primary": 90, "?": 200}
    request = request_for(f"HOME-{home}")
    (fault,) = request.drill.faults
    drill = request.drill.model_copy(update={"faults": (fault.model_copy(update={"on": on}),)})
    async with at_work(temporal, here):
        await (await start(temporal, request.model_copy(update={"drill": drill}))).result()
    assert here.homes == {"baseline": None, "faulted": None, "recovered": home}


def with_hook(request):
    told = (Channel(command=("./page",)),)
    return request.model_copy(update={"target": request.target.model_copy(update={"notify": told})})


async def test_the_operators_hook_is_told_when_all_is_written(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        await (await start(temporal, with_hook(request_for("TLD1")))).result()
    assert here.calls[-2:] == ["report", "notify"]


async def test_a_hook_that_does_not_hear_changes_no_verdict(temporal):
    here = StandIns()
    here.notify_fails = True
    async with at_work(temporal, here):
        result = await (await start(temporal, with_hook(request_for("TLD2")))).result()
    assert here.calls.count("notify") == 2
    async with at_work(temporal, heard := StandIns()):
        assert (
            result.verdict is (await (await start(temporal, request_for("TLD3"))).result()).verdict
        )
    assert "notify" not in heard.calls, "there is no hook"


def breaking_nothing(run_id):
    request = request_for(run_id)
    load = {"rate": "20/s", "suite": "support", "stages": [
        {"to": "20/s", "over": "30s"}, {"to": "60/s", "over": "10s"},
    ]}  # fmt: skip
    windows = {"baseline": "20s", "peak": "40s", "recovered": "5s"}
    checks = [{"kind": "slo", "name": "availability"}]
    drill = Drill.model_validate(
        request.drill.model_dump()
        | {"faults": (), "load": load, "windows": windows, "checks": checks}
    )
    plan = make_plan(drill, request.target, request.environment)
    return request.model_copy(update={"drill": drill, "plan": plan})


async def test_a_drill_that_breaks_nothing_goes_past_the_injector(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        await (await start(temporal, breaking_nothing("PEK1"))).result()
    assert here.calls == [
        "preflight", "start_load", "observe baseline", "observe peak", "observe recovered",
        "stop_load", "judge", "report",
    ]  # fmt: skip
    assert here.record.inject is None
    assert here.record.peak.began_at <= here.record.peak.ended_at


async def test_a_guard_at_the_peak_ends_the_load_at_once(temporal):
    here = StandIns()
    here.observe_ends = {"peak": "guard"}
    async with at_work(temporal, here):
        result = await (await start(temporal, breaking_nothing("PEK2"))).result()
    assert here.calls[3:5] == ["observe peak", "stop_load"]
    assert (here.record.stop.window, here.record.peak.ended_at) == ("peak", None)
    assert result.verdict is Verdict.INCONCLUSIVE  # these stand-ins leave no sample


async def test_an_abort_at_the_peak_ends_the_load_and_puts_nothing_back(temporal):
    here = StandIns()
    here.observe_hangs = {"peak"}
    async with at_work(temporal, here):
        handle = await start(temporal, breaking_nothing("PEK3"))
        await until(lambda: "observe peak" in here.calls)
        await handle.signal(DrillWorkflow.abort, "dana")
        result = await handle.result()
    assert result.verdict is Verdict.ABORTED
    assert "restore by restore" not in here.calls
    assert "observe recovered" not in here.calls


def with_gates(request):
    """The same drill for marked requests, where each provider has a gate."""
    target = request.target
    providers = {
        name: one.model_copy(update={"gate": f"gate-{name}"})
        for name, one in target.providers.items()
    }
    door = target.front_door.model_copy(update={"marker": Marker(header="x-gameday")})
    faults = [fault.model_copy(update={"scope": Scope.MARKED}) for fault in request.drill.faults]
    return request.model_copy(
        update={
            "target": target.model_copy(update={"providers": providers, "front_door": door}),
            "drill": request.drill.model_copy(update={"faults": tuple(faults)}),
        }
    )


async def test_the_baselines_traffic_at_the_gates_is_handed_to_the_faulted_window(temporal):
    here = StandIns()
    here.traffic = {"primary": Traffic(unmarked=40)}
    here.notes = ("the gates were not read 2 times",)
    async with at_work(temporal, here):
        await (await start(temporal, with_gates(request_for("GTE1")))).result()
    assert here.watches["baseline"].before is None
    faulted = here.watches["faulted"]
    assert faulted.before == here.traffic
    assert faulted.marked_at == ("primary",)
    assert faulted.gates == {"primary": "gate-primary", "secondary": "gate-secondary"}
    assert here.watches["recovered"].before is None
    assert here.markers == [Marker(header="x-gameday")]
    notes = [event for event in here.record.events if event.what == "not_watched"]
    assert [note.facts["window"] for note in notes] == ["baseline", "faulted", "recovered"]
    assert notes[0].facts["reason"] == here.notes[0]


async def test_without_gates_nothing_is_watched_there(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        await (await start(temporal, request_for("GTE2"))).result()
    assert set(here.watches.values()) == {None}


@pytest.mark.parametrize(
    ("how", "never"),
    [
        ({"preflight_ok": False}, "start_load"),
        ({"baseline_refusal": "the baseline is outside its objective"}, "inject"),
        ({"inject_refusal": "the claim is held by run 7Q2K"}, "observe faulted"),
    ],
)
async def test_a_refusal_ends_the_run_before_anything_is_touched(temporal, how, never):
    here = StandIns()
    vars(here).update(how)
    async with at_work(temporal, here):
        result = await (await start(temporal, request_for("REF1"))).result()
    assert result.verdict is Verdict.REFUSED
    assert result.exit_code == 6
    assert never not in here.calls
    assert not here.armed


async def test_an_inject_whose_answer_was_lost_is_put_back(temporal):
    here = StandIns()
    here.inject_fails = True
    async with at_work(temporal, here):
        result = await (await start(temporal, request_for("LOST"))).result()
    assert "restore by restore" in here.calls
    assert not here.armed
    assert result.verdict is not Verdict.PASSED


@pytest.mark.parametrize("window", ["baseline", "faulted", "recovered"])
async def test_a_lost_observation_is_never_a_pass(temporal, window):
    here = StandIns()
    here.observe_fails = {window}
    async with at_work(temporal, here):
        result = await (await start(temporal, request_for("OBS1"))).result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert not here.armed
    assert "report" in here.calls


async def test_a_guard_ends_the_fault_and_the_recovery_is_still_watched(temporal):
    here = StandIns()
    here.observe_ends = {"faulted": "guard"}
    async with at_work(temporal, here):
        await (await start(temporal, request_for("GRD1"))).result()
    stop = here.record.stop
    assert (stop.by, stop.window) == ("guard", "faulted")
    assert stop.guard == "error_rate above 0.5 for 10 s"
    assert stop.at <= here.record.restore.requested_at
    assert here.calls.index("restore by restore") < here.calls.index("observe recovered")


async def test_a_guard_in_the_baseline_ends_the_run_before_anything_is_broken(temporal):
    here = StandIns()
    here.observe_ends = {"baseline": "guard"}
    async with at_work(temporal, here):
        result = await (await start(temporal, request_for("GRD2"))).result()
    assert result.verdict is Verdict.ABORTED
    assert "in the baseline window: error_rate was 1" in result.reason
    assert result.stop.window == "baseline"
    assert "inject" not in here.calls


async def test_each_window_is_watched_by_the_guards_that_apply_there(temporal):
    here = StandIns()
    guards = (
        AbortCondition(metric="error_rate", above=0.5, for_="10s"),
        AbortCondition(metric="cost_usd", above=2),
        AbortCondition(no_data="10s"),
    )
    async with at_work(temporal, here):
        await (await start(temporal, request_for("GRD3", abort_when=guards))).result()
    everything = [str(guard) for guard in guards]
    assert here.guards == {
        "baseline": everything, "faulted": everything, "recovered": everything[1:],
    }  # fmt: skip


@pytest.mark.parametrize("window", ["baseline", "faulted", "recovered"])
async def test_an_abort_cuts_a_window_short(temporal, window):
    here = StandIns()
    here.observe_hangs = {window}
    async with at_work(temporal, here):
        handle = await start(temporal, request_for("ABT1"))
        await until(lambda: f"observe {window}" in here.calls)
        await handle.signal(DrillWorkflow.abort, "dana")
        result = await handle.result()
    assert result.verdict is Verdict.ABORTED
    assert result.exit_code == 4
    assert "dana" in result.reason
    assert not here.armed


async def test_the_abort_update_answers_when_everything_is_back(temporal):
    here = StandIns()
    here.observe_hangs = {"faulted"}
    here.restore_failures = 3
    async with at_work(temporal, here):
        handle = await start(temporal, request_for("ABT2"))
        await until(lambda: "observe faulted" in here.calls)
        said = await handle.execute_update(DrillWorkflow.abort_now, "dana")
        assert said == "everything was put back"
        assert not here.armed
        await handle.result()
    assert here.calls.count("restore by restore") == 4


@pytest.mark.parametrize(
    "call", ["preflight", "start_load", "observe baseline", "inject", "observe faulted"]
)
async def test_a_cancel_leaves_nothing_armed_and_is_not_swallowed(temporal, call):
    """Earlier ones, before the guardian has started, are shown on the real server in tests/kill."""
    here = StandIns()
    here.observe_hangs = {"faulted"}
    async with at_work(temporal, here):
        handle = await start(temporal, request_for("CAN1"))
        await until(lambda: call in here.calls)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert not here.armed
    assert "report" in here.calls


async def test_a_lease_that_nobody_renews_ends_the_drill(temporal):
    here = StandIns()
    here.observe_hangs = {"faulted"}
    async with at_work(temporal, here):
        handle = await start(temporal, request_for("HLD1"))
        await until(lambda: "observe faulted" in here.calls)
        here.hold_ends = HoldEnded(why="connection_refused is cleared by lease")
        result = await handle.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "cleared by lease" in here.record.invalid


async def test_a_person_who_stops_the_fault_at_the_injector_aborts_the_drill(temporal):
    here = StandIns()
    here.observe_hangs = {"faulted"}
    async with at_work(temporal, here):
        handle = await start(temporal, request_for("HLD2"))
        await until(lambda: "observe faulted" in here.calls)
        here.hold_ends = HoldEnded(why="connection_refused is cleared by sweep", by_person=True)
        result = await handle.result()
    assert result.verdict is Verdict.ABORTED
    assert "cleared by sweep" in result.reason


async def waiting(temporal, here: StandIns, run_id: str):
    """A drill that waits for approval."""
    handle = await start(temporal, request_for(run_id, require_approval=True))
    await until(
        lambda: (
            here.record is not None
            and here.record.events[-1:] != ()
            and (here.record.events[-1].facts.get("phase") == "approve")
        )
    )
    return handle


DIGEST = request_for("APP0", require_approval=True).plan.digest


async def test_an_approval_is_for_the_exact_plan_and_is_the_injectors_to_tell(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        handle = await waiting(temporal, here, "APP1")
        with pytest.raises(WorkflowUpdateFailedError) as failure:
            await handle.execute_update(
                DrillWorkflow.approve, Approval(by="dana", plan_digest="0" * 64)
            )
        assert "another plan" in str(failure.value.cause)
        word = Approval(by="dana", plan_digest=DIGEST)
        # The update says that dana has approved, and the injector knows nothing of it.
        forged = await handle.execute_update(DrillWorkflow.approve, word)
        assert forged == "approved by nobody; nobody has approved"
        here.approved = Approved(people=("cy",), wanting="needs 2 approval(s), has 1")
        half = await handle.execute_update(DrillWorkflow.approve, word)
        assert half == "approved by cy; needs 2 approval(s), has 1"
        assert (await handle.query(DrillWorkflow.waiting)).digest == DIGEST
        here.approved = Approved(people=("bob", "cy"))
        assert await handle.execute_update(DrillWorkflow.approve, word) == "approved by bob, cy"
        await handle.result()
        assert await handle.query(DrillWorkflow.waiting) is None
    assert here.record.approved_by == "bob, cy"


async def test_a_no_ends_the_run_before_anything_is_touched(temporal):
    here = StandIns()
    async with at_work(temporal, here):
        handle = await waiting(temporal, here, "APP3")
        here.approved = Approved(denied_by="cy", wanting="nobody has approved")
        word = Approval(by="cy", plan_digest=DIGEST)
        assert await handle.execute_update(DrillWorkflow.approve, word) == "cy has said no"
        result = await handle.result()
    assert (result.verdict, result.reason) == (Verdict.REFUSED, "cy said no to this plan")
    assert "preflight" not in here.calls


async def test_word_that_was_lost_is_found_before_the_time_is_over(hurried_temporal):
    """The injector has heard everybody, and nobody has woken the run."""

    class Late(StandIns):
        looks = 0

        @activity.defn(name="approved")
        async def ask_approved(self, request):
            Late.looks += 1
            return Approved(denied_by="cy") if Late.looks > 1 else self.approved

    here = Late()
    async with at_work(hurried_temporal, here):
        handle = await start(hurried_temporal, request_for("APP4", require_approval=True))
        result = await handle.result()
    assert (Late.looks, result.reason) == (2, "cy said no to this plan")


async def test_nobody_approves_and_nothing_happens(hurried_temporal):
    here = StandIns()
    async with at_work(hurried_temporal, here):
        result = await (
            await start(hurried_temporal, request_for("APP2", require_approval=True))
        ).result()
    assert result.verdict is Verdict.REFUSED
    assert "within an hour" in result.reason
    assert "preflight" not in here.calls
