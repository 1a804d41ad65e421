"""A drill, from preflight to report.

    preflight -> observe(baseline) -> inject -> observe(faulted) -> restore -> observe(recovered)
    -> judge -> report

Where the drill breaks nothing, observe(peak) stands for the three in the middle.

Whatever ends it early goes through restore, then judge and report. A stop is a state that every
wait looks at; Temporal's own cancel is one more way to ask for it, and is answered the same way.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.exceptions import TimeoutError as ActivityTimeoutError
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.hold import HoldActivities
    from activities.inject import InjectActivities
    from activities.judge import JudgeActivities
    from activities.load import LoadActivities
    from activities.messages import (
        Arm,
        Armed,
        Baseline,
        Clear,
        Elsewhere,
        Finished,
        GateWatch,
        Hold,
        HoldEnded,
        LoadStarted,
        ObserveWindow,
        StopLoad,
        StoredRun,
        WindowSeen,
    )
    from activities.observe import ObserveActivities
    from activities.preflight import PreflightActivities
    from activities.report import ReportActivities
    from activities.restore import RestoreActivities
    from gameday.domain.alerts import AlertWatch
    from gameday.domain.drill import Scope
    from gameday.domain.environment import InjectorAddress
    from gameday.domain.lease import ClearedBy
    from gameday.domain.progress import Approval, Phase, RunProgress
    from gameday.domain.record import (
        Event,
        Moment,
        RunRecord,
        RunRequest,
        Stretch,
        alerts_expected,
        injections,
        provider_of,
        slos_judged,
    )
    from gameday.domain.result import Result
    from gameday.domain.verdict import Stop
    from gameday.supervisor.queues import QUEUE_CLOSE, QUEUE_HOLD
    from workflows.crew import Crew
    from workflows.guardian import PARENT_CLOSE_POLICY, Charge, GuardianWorkflow
    from workflows.patience import (
        BEAT_WITHIN,
        CALM_BEAT_WITHIN,
        CALM_TAKEN_WITHIN,
        DECIDED_WITHIN,
        FINISHING,
        ONCE,
        RESTORING,
        TAKEN_WITHIN,
    )

_WATCHED = frozenset({Phase.BASELINE, Phase.FAULTED, Phase.PEAK, Phase.RECOVERED})
APPROVAL_WAIT = timedelta(hours=1)
Answer = TypeVar("Answer")


class _EndedEarlyError(Exception):
    """Something ended the windows; the record says what. Leads to restore, never past it."""


@workflow.defn(name="drill", failure_exception_types=[Exception])
class DrillWorkflow:
    """One run of one drill."""

    @workflow.init
    def __init__(self, request: RunRequest) -> None:
        self._request = request
        self._record = RunRecord(request=request, started_at=workflow.now())
        self._phase = Phase.PLAN
        self._stop: Stop | None = None
        self._approval: Approval | None = None
        self._load: LoadStarted | None = None
        self._crew: Crew | None = None  # where several workers share the load
        self._guardian: workflow.ChildWorkflowHandle[GuardianWorkflow, str] | None = None
        self._windows: list[WindowSeen] = []
        # Set before inject is scheduled: an inject that was lost may still have taken effect.
        self._touched = False
        self._cancelled = False
        self._hold: workflow.ActivityHandle[HoldEnded] | None = None

    # What people and other workflows may ask and say

    @workflow.query
    def progress(self) -> RunProgress:
        return RunProgress(
            run_id=self._request.run_id,
            phase=self._phase,
            windows=tuple(seen.progress for seen in self._windows),
            record=self._record,
        )

    @workflow.query
    def wants_faults(self) -> bool:
        """Whether leases should be renewed."""
        return self._phase in (Phase.INJECT, Phase.FAULTED) and self._stop is None

    @workflow.signal(name="abort")
    def abort(self, by: str) -> None:
        """Stop, put everything back, judge and report. Works also while no worker is up."""
        self._stop_for("operator", f"{by} aborted the drill in phase {self._phase}")

    @workflow.update(name="abort_now")
    async def abort_now(self, by: str) -> str:
        """Like the signal, but answers once everything has been put back."""
        self.abort(by)
        await workflow.wait_condition(lambda: not self._touched or self._record.restore is not None)
        return self._record.dirty or "everything was put back"

    @workflow.update
    def approve(self, approval: Approval) -> str:
        self._approval = approval
        return f"approved by {approval.by}"

    @approve.validator
    def _approval_fits(self, approval: Approval) -> None:
        if self._phase is not Phase.APPROVE:
            raise ApplicationError(f"the run is not waiting for an approval (phase {self._phase})")
        if approval.plan_digest != self._request.plan.digest:
            raise ApplicationError("the approval is for another plan")

    # The way through the house

    @workflow.run
    async def run(self, request: RunRequest) -> Result:  # noqa: ARG002 - `init` has kept it
        try:
            # Shielded: a child whose start is cancelled half-way may neither start nor fail.
            await _through_cancels(self._start_guardian())
            self._leave_if_stopped()
            await self._go()
        except _EndedEarlyError:
            pass
        except (asyncio.CancelledError, Exception) as error:  # noqa: BLE001 - a bug must restore too
            self._lost_or_cancelled(error)
        # Not in a `finally`: what passes the handlers above is only the SDK taking this workflow
        # out of its cache, and then nothing may be awaited.
        await _through_cancels(self._restore())
        result = await _through_cancels(self._finish())
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._cancelled:
            raise asyncio.CancelledError
        return result

    async def _go(self) -> None:
        await self._wait_for_approval()
        await self._preflight()
        await self._start_load()
        await self._observe(Phase.BASELINE, floor=self._load_started_at())
        await self._judge_baseline()
        if not self._request.drill.faults:
            await self._watch_peak()
            return
        await self._inject()
        await self._observe(Phase.FAULTED, floor=workflow.now())

    async def _watch_peak(self) -> None:
        """Nothing is broken; the load goes up by its own schedule."""
        began_at = workflow.now()
        self._update(peak=Stretch(began_at=began_at))
        await self._observe(Phase.PEAK, floor=began_at)
        self._update(peak=Stretch(began_at=began_at, ended_at=workflow.now()))

    async def _wait_for_approval(self) -> None:
        if not self._request.drill.require_approval:
            return
        await self._enter(Phase.APPROVE)
        try:
            await workflow.wait_condition(
                lambda: self._approval is not None or self._is_to_stop(), timeout=APPROVAL_WAIT
            )
        except TimeoutError:
            self._refuse("nobody approved this plan within an hour")
        self._leave_if_stopped()
        assert self._approval is not None
        self._note("approved", by=self._approval.by, plan_digest=self._approval.plan_digest)
        self._update(approved_by=self._approval.by)

    async def _preflight(self) -> None:
        await self._enter(Phase.PREFLIGHT)
        report = await self._unless_stopped(
            workflow.start_activity_method(
                PreflightActivities.preflight,
                self._request,
                schedule_to_start_timeout=CALM_TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )
        self._update(preflight=report.lines)
        if report.refusal:
            self._refuse(report.refusal)

    async def _start_load(self) -> None:
        if self._request.drill.load.generators > 1 and workflow.patched("shared-load"):
            await self._share_load(Crew(self._request))
            return
        self._load = await self._unless_stopped(
            workflow.start_activity_method(
                LoadActivities.start_load,
                self._request,
                schedule_to_start_timeout=CALM_TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )

    async def _share_load(self, crew: Crew) -> None:
        self._crew = crew
        self._load = await self._unless_stopped(asyncio.create_task(crew.start()))
        for sentence in crew.left_out:
            self._note("worker_left_out", reason=sentence)

    async def _observe(
        self,
        phase: Phase,
        *,
        floor: datetime,
    ) -> None:
        """Watch one window. A guard, a stop or a lost observer ends it early."""
        assert self._load is not None
        await self._enter(phase)
        faults = self._request.drill.faults
        home = provider_of(faults[0].on) if faults and phase is Phase.RECOVERED else None
        seen = await self._unless_stopped(
            workflow.start_activity_method(
                ObserveActivities.observe,
                ObserveWindow(
                    run_id=self._request.run_id,
                    folder=self._request.folder,
                    window=phase,
                    windows=self._request.drill.windows,
                    floor=floor,
                    home=home,
                    guards=tuple(g for g in self._request.drill.abort_when if g.watches(phase)),
                    watch=self._gate_watch(phase),
                    elsewhere=self._elsewhere(phase),
                ),
                task_queue=self._load.queue,
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=timedelta(
                    seconds=self._request.plan.window(phase).seconds_max + 30
                ),
                heartbeat_timeout=BEAT_WITHIN if phase is Phase.FAULTED else CALM_BEAT_WITHIN,
                retry_policy=ONCE,
                cancellation_type=ActivityCancellationType.TRY_CANCEL,
            )
        )
        self._windows.append(seen)
        self._note("window", ended=seen.ended, **seen.progress.model_dump(mode="json"))
        for note in seen.notes:
            self._note("not_watched", window=phase, reason=note)
        if seen.ended == "guard":
            where = "" if phase in (Phase.FAULTED, Phase.PEAK) else f" in the {phase} window"
            self._stop_for(
                "guard",
                f"a guard ended the drill{where}: {seen.sentence}",
                guard=seen.guard,
                window=phase,
            )
            raise _EndedEarlyError

    def _gate_watch(self, phase: Phase) -> GateWatch | None:
        """The gates to watch; None for a target without any."""
        request = self._request
        if not request.target.gates:
            return None
        marked = (fault.on for fault in request.drill.faults if fault.scope is Scope.MARKED)
        return GateWatch(
            injector=self._injector(),
            gates=request.target.gates,
            marked_at=tuple(provider_of(on) for on in marked),
            before=self._windows[0].traffic if phase is Phase.FAULTED else None,
            shift=next((g for g in request.drill.abort_when if g.metric == "unmarked_shift"), None),
        )

    def _elsewhere(self, phase: Phase) -> Elsewhere | None:
        """What is read of other systems; None where the drill asks for nothing of them."""
        target, slos = self._request.target, slos_judged(self._request.drill)
        outside = any(slo.indicator for name in slos if (slo := target.slos.get(name)))
        if target.alerts is None and not outside:
            return None
        restore = self._record.restore
        watch = target.alerts and AlertWatch(
            alerts=target.alerts,
            # Before the fault, nothing at all may ring.
            expects={} if phase is Phase.BASELINE else alerts_expected(self._request),
            restored_at=restore.confirmed_at if restore and phase is Phase.RECOVERED else None,
        )
        return Elsewhere(target=target, slos=slos, alerts=watch)

    async def _judge_baseline(self) -> None:
        refusal = await self._unless_stopped(
            workflow.start_activity_method(
                JudgeActivities.judge_baseline,
                Baseline(request=self._request, started_at=self._load_started_at()),
                schedule_to_start_timeout=CALM_TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=30),
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )
        if refusal:
            self._refuse(refusal)

    async def _inject(self) -> None:
        await self._enter(Phase.INJECT)
        self._leave_if_stopped()
        assert self._guardian is not None
        await self._guardian.signal(GuardianWorkflow.injecting)
        self._touched = True
        for fault_id, injection in zip(self._fault_ids(), injections(self._request), strict=True):
            armed = await self._unless_stopped(
                workflow.start_activity_method(
                    InjectActivities.inject,
                    Arm(
                        fault_id=fault_id,
                        injector=self._injector(),
                        injection=injection,
                        marker=self._request.target.front_door.marker,
                    ),
                    schedule_to_start_timeout=TAKEN_WITHIN,
                    start_to_close_timeout=timedelta(seconds=10),
                    heartbeat_timeout=BEAT_WITHIN,
                    retry_policy=ONCE,
                )
            )
            self._remember_inject(armed)
        self._hold = self._start_hold()

    def _remember_inject(self, armed: Armed) -> None:
        if armed.refused:
            self._refuse(armed.refused)
        first = self._record.inject
        requested_at = first.requested_at if first else armed.moment.requested_at
        self._update(
            inject=Moment(requested_at=requested_at, confirmed_at=armed.moment.confirmed_at)
        )
        assert armed.record is not None
        self._note("armed", fault=armed.record.id, kind=armed.record.kind, on=armed.record.on)

    def _start_hold(self) -> workflow.ActivityHandle[HoldEnded]:
        """Renew every fifth of the lease, on another queue and process than the load's."""
        lease_s = self._request.plan.lease_s
        return workflow.start_activity_method(
            HoldActivities.hold,
            Hold(
                injector=self._injector(),
                fault_ids=self._fault_ids(),
                workflow_id=workflow.info().workflow_id,
                every_s=lease_s / 5,
            ),
            task_queue=QUEUE_HOLD,
            schedule_to_start_timeout=TAKEN_WITHIN,
            start_to_close_timeout=timedelta(seconds=self._request.plan.seconds_max + 60),
            heartbeat_timeout=timedelta(seconds=max(3.5, lease_s / 3)),
            retry_policy=ONCE,
            cancellation_type=ActivityCancellationType.TRY_CANCEL,
        )

    async def _restore(self) -> None:
        """Put everything back, as often as it takes; then watch that users feel it."""
        if not self._touched:
            return
        self._move_to(Phase.RESTORE)  # kept on disk only afterwards: nothing comes before this
        if self._hold is not None:
            self._hold.cancel()
        cleared = await workflow.execute_activity_method(
            RestoreActivities.restore,
            Clear(injector=self._injector(), fault_ids=self._fault_ids(), by=ClearedBy.RESTORE),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=10),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=RESTORING,
        )
        self._update(restore=cleared.moment, faults=cleared.records, dirty=cleared.dirty)
        for record in cleared.records:
            self._note("restored", fault=record.id, by=record.cleared_by)
        await self._remember()

    async def _finish(self) -> Result:
        """Watch the recovery where the run allows it; then judge and report."""
        if self._may_watch_recovery():
            await self._watch_recovery()
        if self._crew is not None:
            self._lose(await self._crew.end())
        elif self._load is not None:
            await self._end_load()
        self._update(ended_at=workflow.now(), closed_by="workflow", stop=self._stop)
        await self._enter(Phase.JUDGE)
        await workflow.execute_activity_method(
            JudgeActivities.judge,
            Finished(record=self._record),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )
        await self._enter(Phase.REPORT)
        result = await workflow.execute_activity_method(
            ReportActivities.report,
            StoredRun(folder=self._request.folder),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=120),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )
        await self._release_guardian()
        workflow.upsert_memo(
            {"phase": "closed", "verdict": result.verdict, "reason": result.reason}
        )
        self._phase = Phase.CLOSED
        return result

    def _may_watch_recovery(self) -> bool:
        if self._record.peak is not None:
            # Of a load that must not go on nothing is left to be watched.
            return self._record.peak.ended_at is not None and not self._record.invalid
        stopped_by_person = self._stop is not None and self._stop.by == "operator"
        injected = self._record.inject is not None
        return injected and not stopped_by_person and not self._record.invalid

    async def _watch_recovery(self) -> None:
        restore = self._record.restore
        guard, self._stop = self._stop, None  # a guard's stop ended the fault, not the watching
        try:
            await self._observe(
                Phase.RECOVERED,
                floor=restore.confirmed_at if restore else workflow.now(),
            )
        except _EndedEarlyError:
            pass
        except ActivityError as error:
            self._lost_or_cancelled(error)
        self._stop = guard or self._stop

    async def _end_load(self) -> None:
        assert self._load is not None
        try:
            await workflow.execute_activity_method(
                LoadActivities.stop_load,
                StopLoad(run_id=self._request.run_id),
                task_queue=self._load.queue,
                schedule_to_start_timeout=TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=ONCE,
            )
        except ActivityError:
            self._note("load_lost")  # as when its observer is lost

    # The guardian

    async def _start_guardian(self) -> None:
        await self._enter(Phase.PLAN)
        self._guardian = await workflow.start_child_workflow(
            GuardianWorkflow.run,
            Charge(
                run_id=self._request.run_id,
                folder=self._request.folder,
                injector=self._injector(),
                fault_ids=self._fault_ids(),
                fault_seconds_max=self._request.plan.fault_seconds_max,
            ),
            id=f"guardian-{self._request.run_id}",
            parent_close_policy=PARENT_CLOSE_POLICY,
            task_timeout=DECIDED_WITHIN,
        )

    async def _release_guardian(self) -> None:
        if self._guardian is None:  # the run was cancelled before it had one
            return
        await self._guardian.signal(GuardianWorkflow.release)
        await self._guardian

    # Small things

    async def _unless_stopped(self, handle: asyncio.Task[Answer]) -> Answer:
        """The activity's answer; a stop does not wait for it."""
        await workflow.wait_condition(
            lambda: handle.done() or self._is_to_stop() or self._hold_is_lost() or self._is_short()
        )
        if not handle.done():
            handle.cancel()
            self._leave_if_stopped()
            self._leave_if_short()
            await self._leave_without_lease()
        return await handle

    async def _leave_without_lease(self) -> None:
        """Renewal has ended by itself: the fault is gone, or will be soon."""
        assert self._hold is not None
        try:
            ended = await self._hold
        except ActivityError as error:
            ended = HoldEnded(why=str(error.cause or error))
        self._note("hold_ended", why=ended.why)
        if ended.by_person:
            self._stop_for("operator", f"a person stopped the fault at the injector: {ended.why}")
        else:
            self._update(invalid=f"the lease was no longer renewed: {ended.why}")
        raise _EndedEarlyError

    def _is_short(self) -> bool:
        """Whether a part of the load has gone with its worker."""
        return self._crew is not None and self._crew.why_lost() != ""

    def _leave_if_short(self) -> None:
        if self._crew is not None and self._lose(self._crew.why_lost()):
            raise _EndedEarlyError

    def _lose(self, lost: str) -> bool:
        """Remember a lost part of the load, if one was: without it no figure is the load's."""
        if not lost:
            return False
        self._note("load_lost", phase=self._phase, cause=lost)
        self._update(invalid=self._record.invalid or f"a part of the load was lost: {lost}")
        return True

    def _hold_is_lost(self) -> bool:
        return self._phase is Phase.FAULTED and self._hold is not None and self._hold.done()

    def _is_to_stop(self) -> bool:
        """Asked for a cancel too, for one that comes together with an answer may not be raised."""
        return self._stop is not None or workflow.cancellation_reason() is not None

    def _leave_if_stopped(self) -> None:
        if workflow.cancellation_reason() is not None:
            self._stop_for_cancel()
        if self._stop is not None:
            raise _EndedEarlyError

    def _stop_for(self, by: str, reason: str, **met: str) -> None:
        """met: the guard that was met, and the window."""
        if self._stop is None:
            self._stop = Stop(by=by, reason=reason, at=workflow.now(), **met)
            self._note("stop", by=by, reason=reason, **met)

    def _stop_for_cancel(self) -> None:
        self._cancelled = True
        self._stop_for("operator", f"cancelled through Temporal in phase {self._phase}")

    def _refuse(self, sentence: str) -> None:
        self._update(refused=sentence)
        self._note("refused", sentence=sentence)
        raise _EndedEarlyError

    def _lost_or_cancelled(self, error: BaseException) -> None:
        if is_cancelled_exception(error):
            self._stop_for_cancel()
            return
        cause = getattr(error, "cause", None) or error
        self._note("lost", phase=self._phase, cause=str(cause))
        if isinstance(cause, ActivityTimeoutError) and self._phase in _WATCHED:
            # Its worker is gone. Without that worker's beats the load ends by itself.
            self._load = None
        self._update(invalid=f"the {self._phase} phase was lost: {cause}")

    async def _enter(self, phase: Phase) -> None:
        """Say where the run is: in the memo for those without a worker, in the record for all."""
        self._move_to(phase)
        await self._remember()

    def _move_to(self, phase: Phase) -> None:
        self._phase = phase
        self._note("phase", phase=phase)
        workflow.upsert_memo({"phase": phase})

    async def _remember(self) -> None:
        await workflow.execute_activity_method(
            ReportActivities.remember,
            self._record,
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=10),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )

    def _note(self, what: str, **facts: Any) -> None:
        event = Event(
            author="workflow",
            seq=len(self._record.events),
            at=workflow.now(),
            what=what,
            facts=facts,
        )
        self._update(events=(*self._record.events, event))

    def _update(self, **changes: Any) -> None:
        self._record = self._record.model_copy(update=changes)

    def _fault_ids(self) -> tuple[str, ...]:
        count = len(self._request.drill.faults)
        return tuple(f"{self._request.run_id}-{position}" for position in range(count))

    def _injector(self) -> InjectorAddress:
        return self._request.target.environments[self._request.environment].injector

    def _load_started_at(self) -> datetime:
        assert self._load is not None
        return self._load.started_at


async def _through_cancels(work: Awaitable[Answer]) -> Answer:
    """Finish `work` whatever asks for a cancel meanwhile."""
    task = asyncio.ensure_future(work)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise
