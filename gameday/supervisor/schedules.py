"""The schedule on which a watch ticks. Starting it again changes it; ticks never overlap."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from gameday.domain.watch import Watch
from gameday.supervisor.queues import watch_queue

# Ticks that were missed while Temporal was down are not made up: the next one tells as much.
_CATCH_UP = timedelta(seconds=10)


def _schedule_id(name: str) -> str:
    return f"gameday-watch-{name}"


async def apply_schedule(client: Client, watch: Watch, place: str) -> None:
    """Let the watch tick from now on, the first time at once, as it was last told to.

    place: the state folder that keeps it.
    """
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            "watch", watch.name, id=f"watch-{watch.name}", task_queue=watch_queue(place)
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=watch.every))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
    )

    def changed(_: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(_schedule_id(watch.name), schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await _handle(client, watch.name).update(changed)


async def end_schedule(client: Client, name: str) -> bool:
    """Whether there was one to end."""
    try:
        await _handle(client, name).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def scheduled(client: Client, name: str) -> ScheduleDescription | None:
    """What Temporal says of it; None where it does not tick."""
    try:
        return await _handle(client, name).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


def _handle(client: Client, name: str) -> ScheduleHandle:
    return client.get_schedule_handle(_schedule_id(name))
