"""One tick of a watch, as a schedule starts it. What a watch knows is kept beside its worker.

A run is short and holds figures alone, so that a watch may go on for years: what one tick hands to
the next is in the ledger, where a tick that is tried again is not counted again.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.watch import Ticked, TickOf, WatchActivities
    from workflows.patience import CALM_BEAT_WITHIN

# A worker that died is replaced; one that says no will say it again.
LOOKING = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=5)
TELLING = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=4, maximum_attempts=5
)
_LONGEST = timedelta(hours=24)  # the beats tell sooner if nobody is at it


@workflow.defn(name="watch", failure_exception_types=[Exception])
class WatchWorkflow:
    @workflow.run
    async def run(self, watch: str) -> Ticked:
        tick = TickOf(watch=watch, tick=workflow.info().workflow_id)
        ticked = await workflow.execute_activity_method(
            WatchActivities.look,
            tick,
            start_to_close_timeout=_LONGEST,
            heartbeat_timeout=CALM_BEAT_WITHIN,
            retry_policy=LOOKING,
        )
        try:
            await workflow.execute_activity_method(
                WatchActivities.tell,
                tick,
                start_to_close_timeout=_LONGEST,
                heartbeat_timeout=CALM_BEAT_WITHIN,
                retry_policy=TELLING,
            )
        except ActivityError as error:
            # The notice is kept with the reason, shown by the status, and tried at the next tick.
            if is_cancelled_exception(error):
                raise
        return ticked
