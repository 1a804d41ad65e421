"""A runbook as a drill's response: the drill's samples answer, and leases hold what it changes."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity
from temporalio.worker import Worker

from activities.ask import Asking
from activities.messages import Arm, Armed, ObserveWindow, WindowSeen
from activities.runbook import HeardAlert
from gameday.cli.runbook_fitness import what_items_are
from gameday.domain.detection import Detection
from gameday.domain.drill import Drill
from gameday.domain.plan import make_plan
from gameday.domain.question import Answered
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.verdict import Verdict
from gameday.supervisor.queues import QUEUE_CLOSE, QUEUE_DRILL, QUEUE_HOLD
from tests.workflows.played import Incident
from tests.workflows.stand_ins import StandIns
from tests.workflows.test_drill import request_for, start, until
from tests.workflows.test_runbook import AGAIN, OFF, PIN, WELL, book
from workflows.drill import DrillWorkflow
from workflows.guardian import GuardianWorkflow

ALONE = PIN | {"approvals": 0, "nobody": None, "then": None}


class Rehearsed(StandIns):
    """A drill's stand-ins, beside those of a runbook."""

    def __init__(self, **answers) -> None:
        super().__init__()
        self.incident = Incident(**answers)
        self.floors: list[datetime] = []
        self.armed_for: list[Arm] = []
        self.unverified = ""
        self.refuses_step = ""
        self.heard_alert: HeardAlert | None = None
        self.guarding: list[float] = []
        self.guard_trips = False

    def all(self) -> list[object]:
        one = self.incident
        of_incident = [one.outlook, one.heard, one.errand, one.remember_runbook]
        return [*super().all(), *of_incident, self.ask, self.heed_alert]

    @activity.defn(name="ask")
    async def ask(self, asking: Asking) -> Answered:
        self.floors.append(asking.floor)
        assert asking.drill is not None
        assert asking.drill.floor == asking.floor
        self.calls.append("ask")
        return await self.incident.ask(asking)

    @activity.defn(name="respond")
    async def respond(self, wanted: Arm) -> Armed:
        self.armed_for.append(wanted)
        if self.refuses_step:
            self.calls.append("respond")
            return Armed(moment=(await super().respond(wanted)).moment, refused=self.refuses_step)
        armed = await super().respond(wanted)
        told = {"called_at": datetime.now(UTC).isoformat(), "unverified": self.unverified}
        assert armed.record is not None
        record = armed.record.model_copy(update={"evidence": told})
        return armed.model_copy(update={"record": record})

    @activity.defn(name="observe")
    async def observe(self, wanted: ObserveWindow) -> WindowSeen:
        if wanted.window == "responded" and wanted.spec != 20.0:
            self.guarding.append(wanted.spec)
            if not self.guard_trips:
                await _for_ever()
            self.observe_ends["responded"] = "guard"
        seen = await super().observe(wanted)
        if wanted.noticing is not None and self.heard_alert is not None:
            told = self.heard_alert.alert
            found = Detection(
                at=told.received_at, by="alert", requests=1, tokens=1, evidence=1, sentence="rang"
            )
            return seen.model_copy(update={"detection": found, "ended": "detected"})
        return seen

    @activity.defn(name="heed_alert")
    async def heed_alert(self, heard: HeardAlert) -> None:
        self.calls.append("heed")
        self.heard_alert = heard
        self.observe_hangs.discard("faulted")


async def _for_ever() -> None:
    import asyncio  # noqa: PLC0415 - for this alone

    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)


def rehearsal(run_id, *play, via=None):
    request = request_for(run_id)
    runbook = book(*play)
    steps = [item.step for item in runbook.play if item.name in what_items_are(runbook)["sorts"]
             and what_items_are(runbook)["sorts"][item.name] == "step"]  # fmt: skip
    changes = {
        "respond": [],
        "respond_with": {"runbook": "model-regressed", "via": via},
        "windows": {
            "baseline": "20s",
            "faulted": {"until": "detected", "at_most": "30s"} if via else "30s",
            "responded": "20s",
            "recovered": "5s",
        },
    } | ({"detect": {"by": ["alert"]}} if via else {})
    drill = Drill.model_validate(request.drill.model_dump() | changes)
    drill = drill.model_copy(update={"respond": tuple(steps)})
    response = RunbookRequest(
        run_id=run_id, mode=Mode.DRILL, target=request.target, environment=request.environment,
        target_file="/gameday.yaml", suite_file="/suite.yaml", folder=request.folder,
        requested_by="ada", **what_items_are(runbook),
    )  # fmt: skip
    made = make_plan(drill, request.target, request.environment, play_s=300)
    return request.model_copy(update={"drill": drill, "plan": made, "response": response})


@asynccontextmanager
async def at_work(temporal, here):
    workers = [
        Worker(
            temporal.client,
            task_queue=queue,
            activities=here.all(),
            workflows=[DrillWorkflow, GuardianWorkflow] if queue == QUEUE_DRILL else [],
            max_heartbeat_throttle_interval=timedelta(milliseconds=50),
        )
        for queue in (QUEUE_DRILL, QUEUE_HOLD, QUEUE_CLOSE)
    ]
    async with workers[0], workers[1], workers[2]:
        yield


def told(here, *, of=("inject", "ask", "respond", "errand notify", "restore", "observe", "heed")):
    return [call for call in here.calls if call.startswith(of) and "baseline" not in call]


def record_of(here):
    return here.incident.kept[-1]


async def test_it_asks_the_drills_samples_and_holds_its_steps(temporal):
    here = Rehearsed(envelope=["outside", "inside"])
    play = ({"ask": "envelope", "name": "first"}, ALONE, AGAIN, WELL)
    async with at_work(temporal, here):
        result = await (await start(temporal, rehearsal("RHS1", *play))).result()
    assert told(here) == [
        "inject", "observe faulted", "ask", "respond", "observe responded", "ask",
        "restore by restore", "observe recovered",
    ]  # fmt: skip
    assert "errand notify" in here.incident.calls
    record = record_of(here)
    assert (record.outcome, record.request.mode) == ("resolved", "drill")
    assert [(one.item, one.act) for one in record.played if one.act] == [("pin", "RHS1-step-0")]
    first, second = here.floors
    assert first == here.record.inject.confirmed_at
    assert second > here.record.respond.confirmed_at - timedelta(seconds=1)
    assert here.record.decided_at is not None
    assert here.guarding, "the guards watch on while it asks"
    assert not here.armed
    assert result.verdict is not Verdict.ABORTED


async def test_it_holds_fault_and_step_together(temporal):
    here = Rehearsed()
    async with at_work(temporal, here):
        await (await start(temporal, rehearsal("RHS2", ALONE))).result()
    assert here.held[-1] == ("RHS2-0", "RHS2-step-0")
    assert [arm.injection.proposal for arm in here.armed_for] == [None]


async def test_a_step_that_wants_approval_waits_for_it_there_too(temporal):
    here = Rehearsed()
    here.incident.approves = {"dana"}
    play = PIN | {"then": None, "nobody": None}
    async with at_work(temporal, here):
        await (await start(temporal, rehearsal("RHS3", play))).result()
    (arm,) = here.armed_for
    assert arm.injection.proposal.mode == "drill"
    assert arm.injection.proposal.steps == (arm.injection.fault,)
    (pin,) = record_of(here).played
    assert [one.by for one in pin.approved_by] == ["dana"]


async def test_a_step_that_does_not_read_back_is_put_back_while_the_fault_is_there(temporal):
    here = Rehearsed()
    here.unverified = "it still reads as before"
    async with at_work(temporal, here):
        await (await start(temporal, rehearsal("RHS4", ALONE))).result()
    assert told(here) == [
        "inject", "observe faulted", "respond", "restore by response", "restore by restore",
        "observe recovered",
    ]  # fmt: skip
    record = record_of(here)
    assert record.outcome == "handed_over"
    assert [one.failed for one in record.undone] == [""]
    assert here.held[-1] == ("RHS4-0",), "the fault alone is held on"
    assert here.record.invalid == ""


async def test_a_step_that_is_refused_ends_no_drill(temporal):
    here = Rehearsed()
    here.refuses_step = "the policy has no rule for it"
    async with at_work(temporal, here):
        await (await start(temporal, rehearsal("RHS5", ALONE | {"if_not": "well"}, WELL))).result()
    assert [one.answer for one in record_of(here).played] == ["refused", "done"]
    assert here.record.invalid == ""


async def test_a_guard_ends_the_drill_while_people_are_waited_for(temporal):
    here = Rehearsed()
    here.guard_trips = True
    play = PIN | {"then": None, "nobody": None}
    async with at_work(temporal, here):
        await (await start(temporal, rehearsal("RHS6", play))).result()
    assert here.record.stop.by == "guard"
    assert record_of(here).outcome == "stopped"
    assert not here.armed_for
    assert not here.armed


ALERT = {
    "alert": "Worse", "sender": "watch", "key": "1", "firing": True,
    "began_at": "2026-11-30T15:00:00Z", "received_at": "2026-11-30T15:00:01Z",
    "runbook": "model-regressed",
}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [{"firing": False}, {"runbook": "provider-down"}, {"runbook": ""}],
    ids=["over", "another", "none"],
)
async def test_only_the_alert_that_is_its_own_lets_it_begin(temporal, other):
    here = Rehearsed()
    here.observe_hangs.add("faulted")
    async with at_work(temporal, here):
        run = await start(temporal, rehearsal(f"RHA{len(str(other))}", ALONE, via="alert"))
        await until(lambda: "observe faulted" in here.calls)
        await run.signal("alerted", ALERT | {"key": "0"} | other)
        await run.signal("alerted", ALERT)
        await run.result()
    assert told(here)[:4] == ["inject", "observe faulted", "heed", "respond"]
    assert here.calls.count("heed") == 1
    noted = [one.facts["alert"] for one in here.record.events if one.what == "alerted"]
    assert noted == ["Worse", "Worse"]
    assert here.record.detection.by == "alert"


async def test_without_an_alert_nobody_responds(temporal):
    here = Rehearsed()
    async with at_work(temporal, here):
        await (await start(temporal, rehearsal("RHS8", ALONE, via="alert"))).result()
    assert "respond" not in here.calls
    assert [one.what for one in here.record.events].count("not_responded") == 1


async def test_what_did_not_help_is_put_back(temporal):
    here = Rehearsed(envelope=["outside"])
    async with at_work(temporal, here):
        await (
            await start(temporal, rehearsal("RHS9", OFF | {"then": "again"}, AGAIN, WELL))
        ).result()
    assert record_of(here).outcome == "undone"
    assert here.calls.count("restore by response") == 1
