"""The guardian of a run: puts everything back, and closes the record, when the run cannot.

A child of the drill's workflow. Temporal asks it to cancel when the parent ends in whatever way,
also when it was terminated and none of its own code could run.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.messages import Clear, Close
    from activities.report import ReportActivities
    from activities.restore import RestoreActivities
    from gameday.domain.environment import InjectorAddress
    from gameday.domain.lease import ClearedBy
    from gameday.domain.value import Value
    from gameday.supervisor.queues import QUEUE_CLOSE
    from workflows.patience import BEAT_WITHIN, FINISHING, RESTORING

PARENT_CLOSE_POLICY = ParentClosePolicy.REQUEST_CANCEL


class Charge(Value):
    """What a guardian guards."""

    run_id: str
    folder: str
    injector: InjectorAddress
    fault_ids: tuple[str, ...]
    fault_seconds_max: float


@workflow.defn(name="guardian", failure_exception_types=[Exception])
class GuardianWorkflow:
    def __init__(self) -> None:
        self._injecting = False
        self._released = False

    @workflow.signal
    def injecting(self) -> None:
        """The parent is about to inject: from now on there is a deadline."""
        self._injecting = True

    @workflow.signal
    def release(self) -> None:
        """The parent has put everything back and closed its record itself."""
        self._released = True

    @workflow.run
    async def run(self, charge: Charge) -> str:
        try:
            await workflow.wait_condition(lambda: self._injecting or self._is_over())
            if not self._is_over():
                await self._watch_deadline(charge)
        except (asyncio.CancelledError, ActivityError) as error:
            # Deliberately not re-raised: the server only hands on that the parent has ended.
            if not is_cancelled_exception(error):
                raise
        return "released" if self._released else await self._stand_in(charge)

    def _is_over(self) -> bool:
        """Asked for the cancel too, for one that comes with an answer may not be raised."""
        return self._released or workflow.cancellation_reason() is not None

    async def _watch_deadline(self, charge: Charge) -> None:
        deadline = timedelta(seconds=charge.fault_seconds_max)
        try:
            await workflow.wait_condition(self._is_over, timeout=deadline)
        except TimeoutError:
            await self._restore(charge)
            await workflow.wait_condition(self._is_over)

    async def _stand_in(self, charge: Charge) -> str:
        if self._injecting:
            await self._restore(charge)
        reason = "the run's workflow ended without closing its record; the guardian closed it"
        await workflow.execute_activity_method(
            ReportActivities.close,
            Close(folder=charge.folder, by="guardian", reason=reason),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=FINISHING,
        )
        return reason

    async def _restore(self, charge: Charge) -> None:
        await workflow.execute_activity_method(
            RestoreActivities.restore,
            Clear(
                injector=charge.injector,
                fault_ids=charge.fault_ids,
                by=ClearedBy.GUARDIAN,
            ),
            task_queue=QUEUE_CLOSE,
            start_to_close_timeout=timedelta(seconds=10),
            heartbeat_timeout=BEAT_WITHIN,
            retry_policy=RESTORING,
        )
