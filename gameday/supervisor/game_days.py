"""Game days in Temporal: started by hand, and on schedules that hold what was shown and no more."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleBackfill,
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
    WorkflowHandle,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from gameday.domain.calendar import WEEKDAYS, Calendar
from gameday.domain.game_day import WORKFLOW_PREFIX, GameDayRequest, GameDayResult, workflow_id_of
from gameday.domain.schedule import LATE_MAX

_WORKFLOW = "game_day"
_SCHEDULE_PREFIX = "gameday-game-day-"
_DECIDED_WITHIN = timedelta(seconds=2)
# Temporal counts from Sunday.
_DAY_NUMBERS = {name: (number + 1) % 7 for number, name in enumerate(WEEKDAYS)}


@dataclass(frozen=True)
class OnSchedule:
    """What Temporal has of one schedule. request: None where it is not one of ours any more."""

    request: GameDayRequest | None
    spec: ScheduleSpec
    policy: SchedulePolicy
    queue: str
    paused: bool
    note: str
    next_at: tuple[datetime, ...]


async def start_day(
    client: Client, request: GameDayRequest, day_id: str, queue: str
) -> WorkflowHandle[Any, GameDayResult]:
    """Raises WorkflowAlreadyStartedError where there is, or was, a game day of this id."""
    return await client.start_workflow(
        _WORKFLOW,
        request,
        id=workflow_id_of(day_id),
        task_queue=queue,
        memo=_memo(request),
        task_timeout=_DECIDED_WITHIN,
        result_type=GameDayResult,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )


async def put_schedule(client: Client, request: GameDayRequest, queue: str, note: str) -> None:
    """Make it, or change it to this; one that is paused stays so, with its note."""
    schedule = _schedule(request, queue, note)
    name = request.game_day.game_day
    if await on_schedule(client, name) is None:
        await client.create_schedule(_SCHEDULE_PREFIX + name, schedule)
        return

    def changed(now: ScheduleUpdateInput) -> ScheduleUpdate:
        state = now.description.schedule.state
        schedule.state.paused = state.paused
        schedule.state.note = state.note if state.paused else note
        return ScheduleUpdate(schedule)

    await handle_of(client, name).update(changed)


async def on_schedule(client: Client, name: str) -> OnSchedule | None:
    """What Temporal has of it; None where it has nothing."""
    try:
        described = await handle_of(client, name).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return await _read(client, described)


async def remove_schedule(client: Client, name: str) -> None:
    """Nothing where there is none."""
    try:
        await handle_of(client, name).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def backfill(client: Client, name: str, slots: tuple[datetime, ...]) -> None:
    """Start the game days of these slots, one after the other."""
    await handle_of(client, name).backfill(
        *(
            ScheduleBackfill(
                # Temporal takes what is after the first moment.
                start_at=slot - timedelta(seconds=1),
                end_at=slot,
                overlap=ScheduleOverlapPolicy.BUFFER_ALL,
            )
            for slot in slots
        )
    )


def handle_of(client: Client, name: str) -> ScheduleHandle:
    return client.get_schedule_handle(_SCHEDULE_PREFIX + name)


def spec_of(calendar: Calendar) -> ScheduleSpec:
    """The same slots as those of the pure calendar, where clocks neither skip nor repeat them.

    Frozen ones too: they are recorded as frozen when they come, and nothing runs.
    """
    rule = calendar.rule
    return ScheduleSpec(
        calendars=[
            ScheduleCalendarSpec(
                second=_ranges((0,)),
                minute=_ranges(rule.minutes),
                hour=_ranges(rule.hours),
                day_of_month=_ranges(rule.days),
                month=_ranges(rule.months),
                day_of_week=_ranges(tuple(_DAY_NUMBERS[day] for day in rule.weekdays)),
            )
        ],
        time_zone_name=calendar.time_zone,
    )


def policy() -> SchedulePolicy:
    """One at a time; nothing late; and none after one that may have left something broken."""
    return SchedulePolicy(
        overlap=ScheduleOverlapPolicy.SKIP, catchup_window=LATE_MAX, pause_on_failure=True
    )


def _ranges(numbers: tuple[int, ...]) -> tuple[ScheduleRange, ...]:
    """Neighbours together, as Temporal gives them back."""
    found: list[ScheduleRange] = []
    for number in sorted(set(numbers)):
        if found and found[-1].end == number - 1:
            found[-1] = ScheduleRange(found[-1].start, number, 1)
        else:
            found.append(ScheduleRange(number, number, 1))
    return tuple(found)


def _schedule(request: GameDayRequest, queue: str, note: str) -> Schedule:
    day = request.game_day
    assert day.schedule is not None
    return Schedule(
        action=ScheduleActionStartWorkflow(
            _WORKFLOW,
            request,
            id=WORKFLOW_PREFIX + day.game_day,
            task_queue=queue,
            task_timeout=_DECIDED_WITHIN,
            memo=_memo(request),
        ),
        spec=spec_of(day.schedule),
        policy=policy(),
        state=ScheduleState(note=note),
    )


def _memo(request: GameDayRequest) -> dict[str, str]:
    return {
        "game_day": request.game_day.game_day,
        "target": request.target.target,
        "environment": request.environment,
        "runs": request.runs,
        "requested_by": request.requested_by,
    }


async def _read(client: Client, described: ScheduleDescription) -> OnSchedule:
    schedule = described.schedule
    action = schedule.action
    request, queue = None, ""
    if isinstance(action, ScheduleActionStartWorkflow):
        queue = action.task_queue
        request = await _decoded(client, action.args)
    return OnSchedule(
        request=request,
        spec=schedule.spec,
        policy=schedule.policy,
        queue=queue,
        paused=schedule.state.paused,
        note=schedule.state.note or "",
        next_at=tuple(at.astimezone(UTC) for at in described.info.next_action_times),
    )


async def _decoded(client: Client, args: Any) -> GameDayRequest | None:
    payloads = [arg for arg in args if isinstance(arg, Payload)]
    if len(payloads) != 1:
        return None
    try:
        (request,) = await client.data_converter.decode(payloads, [GameDayRequest])
    except (RuntimeError, ValueError):  # no such value: somebody else's, or another version's
        return None
    return request  # type: ignore[no-any-return]
