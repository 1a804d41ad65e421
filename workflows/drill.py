"""A drill, from preflight to report.

    preflight -> observe(baseline) -> inject -> observe(faulted) [-> respond -> observe(responded)]
    -> restore -> observe(recovered) -> judge -> report

Where the drill breaks nothing, observe(peak), or the response alone, stands for what is between
baseline and restore. Whatever ends it early goes through restore, then judge and report.

`Course` knows where the run is and whether it goes on, `Approving` waits for people, `Observing`
watches windows, `Changing` does all that changes the world; here is what follows what.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.judge import JudgeActivities
    from activities.messages import Finished, StoredRun
    from activities.notify import NotifyActivities
    from activities.preflight import PreflightActivities
    from activities.report import ReportActivities
    from activities.runbook import HeardAlert, RunbookActivities
    from gameday.domain.incident import Alerted
    from gameday.domain.progress import Approval, Phase, RunProgress
    from gameday.domain.record import RunRequest
    from gameday.domain.result import Result
    from gameday.domain.waiting import Waiting
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.approving import Approving
    from workflows.changing import Changing
    from workflows.course import HELD, Answer, Course, EndedEarlyError
    from workflows.guardian import PARENT_CLOSE_POLICY, Charge, GuardianWorkflow
    from workflows.observing import Observing
    from workflows.patience import (
        BEAT_WITHIN,
        CALM_BEAT_WITHIN,
        CALM_TAKEN_WITHIN,
        DECIDED_WITHIN,
        FINISHING,
        ONCE,
        TWICE,
    )
    from workflows.rehearsing import Rehearsing
    from workflows.reverting import Reverting


@workflow.defn(name="drill", failure_exception_types=[Exception])
class DrillWorkflow:
    """One run of one drill."""

    @workflow.init
    def __init__(self, request: RunRequest) -> None:
        self._request = request
        self._course = Course(request)
        self._observing = Observing(self._course)
        self._changing = Changing(self._course)
        self._approving = Approving(self._course)
        self._guardian: workflow.ChildWorkflowHandle[GuardianWorkflow, str] | None = None
        self._rehearsing = self._plays()
        self._alerts: set[tuple[str, bool]] = set()

    def _plays(self) -> Rehearsing | None:
        """What plays the runbook that the drill responds with, where it does by one."""
        response = self._request.response
        if response is None:
            return None
        return Rehearsing(response, self._course, self._changing, self._observing)

    # What people and other workflows may ask and say

    @workflow.query
    def progress(self) -> RunProgress:
        return RunProgress(
            run_id=self._request.run_id,
            phase=self._course.phase,
            windows=tuple(seen.progress for seen in self._observing.windows),
            record=self._course.record,
            waiting=self.waiting(),
        )

    @workflow.query
    def waiting(self) -> Waiting | None:
        """What people are asked to say; None while nothing is waited for."""
        played = self._rehearsing.people.waiting if self._rehearsing else None
        return self._approving.waiting or played

    @workflow.query
    def wants_faults(self) -> bool:
        """Whether leases should be renewed."""
        return self._course.phase in HELD and self._course.stop is None

    @workflow.signal(name="abort")
    def abort(self, by: str) -> None:
        """Stop, put everything back, judge and report. Works also while no worker is up."""
        self._course.stop_for("operator", f"{by} aborted the drill in phase {self._course.phase}")

    @workflow.update(name="abort_now")
    async def abort_now(self, by: str) -> str:
        """Like the signal, but answers once everything has been put back."""
        self.abort(by)
        await workflow.wait_condition(
            lambda: not self._changing.touched or self._course.record.restore is not None
        )
        return self._course.record.dirty or "everything was put back"

    @workflow.update
    async def approve(self, approval: Approval) -> str:
        """Look at the injector, which has heard somebody on this plan."""
        if self._rehearsing is not None and self._rehearsing.people.waits_for(approval):
            return self._rehearsing.people.wake(approval)
        return await self._approving.wake(approval)

    @approve.validator
    def _approval_fits(self, approval: Approval) -> None:
        if self._rehearsing is None or not self._rehearsing.people.waits_for(approval):
            self._approving.require_fitting(approval)

    @workflow.signal(name="alerted")
    async def alerted(self, alert: Alerted) -> None:
        """Note what an alert tells. One that the response waits for lets it begin."""
        told = (alert.named, alert.firing)
        if told in self._alerts:
            return
        self._alerts.add(told)
        self._course.note("alerted", alert=alert.alert, sender=alert.sender, firing=alert.firing)
        if self._is_waited_for(alert):
            await workflow.execute_activity_method(
                RunbookActivities.heed_alert,
                HeardAlert(folder=self._request.folder, alert=alert),
                task_queue=QUEUE_CLOSE,
                start_to_close_timeout=timedelta(seconds=10),
                heartbeat_timeout=BEAT_WITHIN,
                retry_policy=FINISHING,
            )

    def _is_waited_for(self, alert: Alerted) -> bool:
        """Whether it is what `respond: {runbook, via: alert}` waits for, while it waits."""
        response, stated = self._request.response, self._request.drill.respond_with
        return (
            response is not None
            and stated is not None
            and stated.via == "alert"
            and alert.firing
            and alert.runbook == response.runbook.runbook
            and self._course.phase in (Phase.INJECT, Phase.FAULTED)
        )

    # The way through the house

    @workflow.run
    async def run(self, request: RunRequest) -> Result:  # noqa: ARG002 - `init` has kept it
        try:
            # Shielded: a child whose start is cancelled half-way may neither start nor fail.
            await _through_cancels(self._start_guardian())
            self._course.leave_if_stopped()
            await self._go()
        except EndedEarlyError:
            pass
        except (asyncio.CancelledError, Exception) as error:  # noqa: BLE001 - a bug must restore too
            self._course.lost_or_cancelled(error)
        # Not in a `finally`: what passes the handlers above is only the SDK taking this workflow
        # out of its cache, and then nothing may be awaited.
        await _through_cancels(self._changing.restore())
        result = await _through_cancels(self._finish())
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._course.cancelled:
            raise asyncio.CancelledError
        return result

    async def _go(self) -> None:
        drill = self._request.drill
        await self._approving.wait()
        await self._preflight()
        await self._observing.start_load()
        await self._observing.baseline()
        if drill.faults:
            await self._inject()
        elif drill.rehearse:
            await self._respond()
        else:
            await self._observing.peak()

    async def _inject(self) -> None:
        await self._course.enter(Phase.INJECT)
        self._course.leave_if_stopped()
        await self._warn_guardian()
        await self._changing.inject()
        seen = await self._observing.watch(Phase.FAULTED, floor=workflow.now())
        if not self._request.drill.respond and self._rehearsing is None:
            return
        if self._request.drill.waits_to_be_noticed and seen.detection is None:
            # Nobody would have called anything: whatever came now would be no response.
            self._course.note("not_responded", reason="nobody noticed anything")
            return
        await self._respond()

    async def _respond(self) -> None:
        if not self._changing.touched:
            await self._warn_guardian()
        if self._rehearsing is not None:
            await self._rehearsing.run()
            return
        if self._request.drill.reverts_by_plan:
            await Reverting(self._course, self._changing, self._observing).run()
            return
        await self._changing.respond()
        await self._observing.watch(Phase.RESPONDED, floor=workflow.now())

    async def _preflight(self) -> None:
        await self._course.enter(Phase.PREFLIGHT)
        report = await self._course.unless_stopped(
            workflow.start_activity_method(
                PreflightActivities.preflight,
                self._request,
                schedule_to_start_timeout=CALM_TAKEN_WITHIN,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=ONCE,
            )
        )
        self._course.update(preflight=report.lines)
        if report.refusal:
            self._course.refuse(report.refusal)

    async def _finish(self) -> Result:
        """Watch the recovery where the run allows it; then judge and report."""
        await self._observing.recovery()
        await self._observing.end_load()
        course = self._course
        course.update(ended_at=workflow.now(), closed_by="workflow", stop=course.stop)
        await course.enter(Phase.JUDGE)
        await workflow.execute_activity_method(
            JudgeActivities.judge,
            Finished(record=course.record),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )
        await course.enter(Phase.REPORT)
        result = await workflow.execute_activity_method(
            ReportActivities.report,
            StoredRun(folder=self._request.folder),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=120),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )
        await self._release_guardian()
        await self._notify()
        workflow.upsert_memo(
            {"phase": "closed", "verdict": result.verdict, "reason": result.reason}
        )
        course.phase = Phase.CLOSED
        return result

    async def _notify(self) -> None:
        """Tell the operator's hook, where there is one. Whether it hears changes no verdict."""
        if not self._request.target.channels:
            return
        # Else the run's folder says why, and so does the command line.
        with suppress(ActivityError):
            await workflow.execute_activity_method(
                NotifyActivities.notify,
                StoredRun(folder=self._request.folder),
                task_queue=QUEUE_CLOSE,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=BEAT_WITHIN,
                retry_policy=TWICE,
            )

    # The guardian

    async def _start_guardian(self) -> None:
        await self._course.enter(Phase.PLAN)
        self._guardian = await workflow.start_child_workflow(
            GuardianWorkflow.run,
            Charge(
                run_id=self._request.run_id,
                folder=self._request.folder,
                injector=self._course.injector,
                fault_ids=self._changing.ids,
                fault_seconds_max=self._request.plan.fault_seconds_max,
            ),
            id=f"guardian-{self._request.run_id}",
            parent_close_policy=PARENT_CLOSE_POLICY,
            task_timeout=DECIDED_WITHIN,
        )

    async def _warn_guardian(self) -> None:
        """From now on something may be changed, and there is a deadline."""
        assert self._guardian is not None
        await self._guardian.signal(GuardianWorkflow.injecting)

    async def _release_guardian(self) -> None:
        if self._guardian is None:  # the run was cancelled before it had one
            return
        await self._guardian.signal(GuardianWorkflow.release)
        await self._guardian


async def _through_cancels(work: Awaitable[Answer]) -> Answer:
    """Finish `work` whatever asks for a cancel meanwhile."""
    task = asyncio.ensure_future(work)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise
