"""Activities that do nothing but remember, so that a workflow's own decisions can be seen."""

import asyncio
from datetime import UTC, datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.messages import (
    Approved,
    Arm,
    Armed,
    Baseline,
    Clear,
    Cleared,
    Close,
    Finished,
    GateWatch,
    Hold,
    HoldEnded,
    LoadStarted,
    ObserveWindow,
    PreflightReport,
    StopLoad,
    StoredRun,
    WindowSeen,
)
from gameday.domain.front_door import Marker
from gameday.domain.gate import Traffic
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.progress import Progress
from gameday.domain.record import Moment, Readiness, RunRecord, RunRequest
from gameday.domain.result import Result
from gameday.domain.samples import Samples
from gameday.domain.verdict import Decision, Verdict
from gameday.reporting.judging import Logs, judge_run
from gameday.reporting.result import make_result
from gameday.store.run_folder import RunFolder
from gameday.supervisor.queues import QUEUE_DRILL


def moment() -> Moment:
    return Moment(requested_at=datetime.now(UTC), confirmed_at=datetime.now(UTC))


class StandIns:
    """One system in which everything goes well, unless told otherwise."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.armed: set[str] = set()
        self.tombstones: set[str] = set()
        self.record: RunRecord | None = None
        self.preflight_ok = True
        self.baseline_refusal = ""
        self.inject_refusal = ""
        self.observe_ends: dict[str, str] = {}
        self.observe_hangs: set[str] = set()
        self.observe_fails: set[str] = set()
        self.watches: dict[str, GateWatch | None] = {}
        self.guards: dict[str, list[str]] = {}
        self.homes: dict[str, str | None] = {}
        self.served_by: dict[str, int] = {}
        self.traffic: dict[str, Traffic] = {}
        self.notes: tuple[str, ...] = ()
        self.markers: list[Marker | None] = []
        self.inject_fails = False
        self.respond_refusal = ""
        self.respond_fails = self.respond_hangs = False
        self.held: list[tuple[str, ...]] = []
        self.cleared: list[str] = []
        self.stuck: set[str] = set()
        self.restore_failures = 0
        self.hold_ends: HoldEnded | None = None
        self.notify_fails = False
        self.approved = Approved(wanting="nobody has approved")

    def all(self) -> list[object]:
        return [
            self.preflight, self.judge_baseline, self.start_load, self.observe, self.stop_load,
            self.inject, self.respond, self.hold, self.restore, self.judge, self.remember,
            self.report, self.close, self.notify, self.ask_approved,
        ]  # fmt: skip

    @activity.defn(name="preflight")
    async def preflight(self, request: RunRequest) -> PreflightReport:
        self.calls.append("preflight")
        line = Readiness(name="disk", ok=self.preflight_ok, sentence="the disk is as it is")
        return PreflightReport(lines=(line,))

    @activity.defn(name="approved")
    async def ask_approved(self, request: RunRequest) -> Approved:
        return self.approved

    @activity.defn(name="judge_baseline")
    async def judge_baseline(self, baseline: Baseline) -> str:
        return self.baseline_refusal

    @activity.defn(name="start_load")
    async def start_load(self, request: RunRequest) -> LoadStarted:
        self.calls.append("start_load")
        return LoadStarted(queue=QUEUE_DRILL, started_at=datetime.now(UTC))

    @activity.defn(name="observe")
    async def observe(self, wanted: ObserveWindow) -> WindowSeen:
        self.calls.append(f"observe {wanted.window}")
        self.watches[wanted.window] = wanted.watch
        self.guards[wanted.window] = [str(guard) for guard in wanted.guards]
        self.homes[wanted.window] = wanted.home
        if wanted.window in self.observe_fails:
            raise ApplicationError("the load generator ended by itself", non_retryable=True)
        while wanted.window in self.observe_hangs:
            activity.heartbeat()
            await asyncio.sleep(0.05)
        progress = Progress(
            window=wanted.window, at=datetime.now(UTC), seconds=1, n=0, errors=0,
            latency_ms_p95=None, quality=None, served_by=self.served_by,
        )  # fmt: skip
        ended = self.observe_ends.get(wanted.window, "time")
        return WindowSeen(
            ended=ended, sentence="error_rate was 1",
            guard="error_rate above 0.5 for 10 s" if ended == "guard" else "", progress=progress,
            traffic=self.traffic, notes=self.notes,
        )  # fmt: skip

    @activity.defn(name="stop_load")
    async def stop_load(self, wanted: StopLoad) -> None:
        self.calls.append("stop_load")

    @activity.defn(name="inject")
    async def inject(self, wanted: Arm) -> Armed:
        self.calls.append("inject")
        self.markers.append(wanted.marker)
        if self.inject_refusal:
            return Armed(moment=moment(), refused=self.inject_refusal)
        if wanted.fault_id in self.tombstones:
            return Armed(moment=moment(), refused="that id has a tombstone")
        self.armed.add(wanted.fault_id)
        if self.inject_fails:  # the answer is lost; the fault is there
            raise ApplicationError("no answer")
        return Armed(moment=moment(), record=_record(wanted.fault_id, FaultState.ARMED))

    @activity.defn(name="respond")
    async def respond(self, wanted: Arm) -> Armed:
        self.calls.append("respond")
        if self.respond_refusal:
            return Armed(moment=moment(), refused=self.respond_refusal)
        self.armed.add(wanted.fault_id)
        while self.respond_hangs:
            activity.heartbeat()
            await asyncio.sleep(0.05)
        if self.respond_fails:  # the answer is lost; the step is done
            raise ApplicationError("no answer")
        return Armed(moment=moment(), record=_record(wanted.fault_id, FaultState.ARMED))

    @activity.defn(name="hold")
    async def hold(self, wanted: Hold) -> HoldEnded:
        self.calls.append("hold")
        self.held.append(wanted.fault_ids)
        while not self.hold_ends:
            activity.heartbeat()
            await asyncio.sleep(0.05)
        return self.hold_ends

    @activity.defn(name="restore")
    async def restore(self, wanted: Clear) -> Cleared:
        self.calls.append(f"restore by {wanted.by}")
        if self.restore_failures:
            self.restore_failures -= 1
            raise ApplicationError("the injector did not answer")
        self.armed -= set(wanted.fault_ids)
        self.tombstones |= set(wanted.fault_ids)
        self.cleared += reversed(wanted.fault_ids)
        records = tuple(
            _record(id_, FaultState.STUCK if id_ in self.stuck else FaultState.CLEARED)
            for id_ in wanted.fault_ids
        )
        return Cleared(
            moment=moment(), records=records, dirty=", ".join(sorted(self.stuck)),
        )  # fmt: skip

    @activity.defn(name="judge")
    async def judge(self, finished: Finished) -> Decision:
        self.calls.append("judge")
        self.record = finished.record
        return Decision(verdict=Verdict.PASSED, reason="")

    @activity.defn(name="remember")
    async def remember(self, record: RunRecord) -> None:
        self.record = record

    @activity.defn(name="report")
    async def report(self, stored: StoredRun) -> Result:
        self.calls.append("report")
        assert self.record is not None
        judged = judge_run(self.record, (), Logs())
        return make_result(RunFolder(stored.folder), self.record, judged, Samples.of(()))

    @activity.defn(name="notify")
    async def notify(self, stored: StoredRun) -> None:
        self.calls.append("notify")
        if self.notify_fails:
            raise ApplicationError("the hook ended with 3")

    @activity.defn(name="close")
    async def close(self, wanted: Close) -> Result:
        self.calls.append(f"close by {wanted.by}")
        return await self.report(StoredRun(folder=wanted.folder))


def _record(fault_id: str, state: FaultState) -> FaultRecord:
    cleared = state is FaultState.CLEARED
    if "-step-" in fault_id:
        return FaultRecord(
            id=fault_id, run_id="TEST", kind="pin_model", on="component/model", step=True,
            claim="component/lab/model", state=state, armed_at=datetime.now(UTC),
            cleared_at=datetime.now(UTC) if cleared else None,
            cleared_by=ClearedBy.RESTORE if cleared else None,
        )  # fmt: skip
    return FaultRecord(
        id=fault_id, run_id="TEST", kind="connection_refused", on="provider/primary",
        claim="toxiproxy/primary", state=state, armed_at=datetime.now(UTC),
        cleared_at=datetime.now(UTC) if cleared else None,
        cleared_by=ClearedBy.RESTORE if cleared else None,
    )  # fmt: skip
