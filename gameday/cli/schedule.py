"""`gameday schedule`: game days that come by themselves, and what became of each slot."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from temporalio.client import Client
from temporalio.service import RPCError

from gameday.catalog.files import find_game_day, load_game_day
from gameday.cli.game_day_plan import prepare_day
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    EnvironmentName,
    RunsFolder,
    StateFolder,
    TargetFile,
    Who,
    me,
)
from gameday.cli.schedule_alarms import tell_alarms
from gameday.cli.schedule_diff import differences
from gameday.cli.schedule_view import Found, applied_lines, document, list_lines, slot_line
from gameday.cli.session import attached_session
from gameday.domain.calendar import disputed, next_slots
from gameday.domain.errors import FileError, StartError
from gameday.domain.game_day import GameDayRequest, Timetable
from gameday.domain.schedule import (
    Pause,
    Scheduled,
    ScheduleState,
    due,
    settled,
)
from gameday.domain.verdict import ExitCode
from gameday.reporting.inert import inert_line
from gameday.store.ledger import Ledger
from gameday.store.schedules import Schedules
from gameday.supervisor.game_days import (
    OnSchedule,
    handle_of,
    on_schedule,
    put_schedule,
    remove_schedule,
)
from gameday.supervisor.game_days import backfill as start_slots
from gameday.supervisor.queues import day_queue

ScheduleName = Annotated[str, typer.Argument(help="The schedule's name: that of its game day.")]
_LOOKED_AHEAD = timedelta(days=3660)  # for a time that clocks skip or show twice
_NEXT_SHOWN = 3
Answer = TypeVar("Answer")


def apply(
    file: Annotated[str, typer.Argument(help="A game day's name, or the path of its file.")],
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    who: Who = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Let a game day come by itself, as its file says now. Shows what that changes.

    Example:  gameday schedule apply quarterly
    """
    session, now = attached_session(state), datetime.now(UTC)
    request = prepare_day(file, session.target_file(target), environment, runs, who or me())
    timetable = _timetable(request, file, now)
    queue = day_queue(Ledger(state).place)

    async def change() -> list[str]:
        client, name = await session.temporal(), request.game_day.game_day
        changes = differences(await on_schedule(client, name), request, queue)
        if changes:
            await put_schedule(client, request, queue, _note(request, now))
        return changes

    changes = _asked(change())
    known = Schedules(state).find(request.game_day.game_day)
    if changes or known is None:
        _keep(Schedules(state), _scheduled(request, timetable, file, now), now)
    _say_applied(request, timetable, changes, now, as_json=as_json)


def list_(
    check: Annotated[
        bool,
        typer.Option("--check", help="End with 1 if any is overdue, and tell the target's people."),
    ] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Show each schedule: when it comes next, what was missed, and what is OVERDUE.

    Example:  gameday schedule list --check

    Exit codes with --check: 1 something is overdue, 3 Temporal could not be asked.
    """
    found = _found(state)
    told = asyncio.run(tell_alarms(Schedules(state), [one.due for one in found])) if check else []
    if as_json:
        print(json.dumps([document(one) for one in found], indent=2))
    else:
        for line in list_lines(found) or ["no schedule; begin with  gameday schedule apply FILE"]:
            print(line)
        for line in told:
            print(f"  {inert_line(line)}")
    if check and any(one.due.overdue_since is not None for one in found):
        raise typer.Exit(ExitCode.FAILED)
    if check and any(one.problem for one in found):
        raise typer.Exit(ExitCode.INCONCLUSIVE)


def next_(
    name: Annotated[str, typer.Argument(help="A schedule, a game day, or the path of its file.")],
    count: Annotated[int, typer.Option(min=1, max=500, help="So many slots.")] = 8,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Show the next slots, those that a freeze takes included. Needs no Temporal.

    Example:  gameday schedule next quarterly
    """
    applied = Schedules(state).find(name)
    timetable = applied.scheduled.timetable if applied else _load_timetable(name)
    found = next_slots(timetable, datetime.now(UTC), count)
    if as_json:
        print(json.dumps([slot.model_dump(mode="json") for slot in found], indent=2))
        return
    print(f"{name}   {timetable.words}{'' if applied else '   (not applied)'}")
    for slot in found:
        print(f"  {slot_line(slot)}")


def pause(
    name: ScheduleName,
    because: Annotated[str, typer.Option(help="Why, for whoever looks.")],
    state: StateFolder = DEFAULT_STATE,
    who: Who = None,
) -> None:
    """Start no more game days of it until it is resumed.

    Example:  gameday schedule pause quarterly --because 'the migration'
    """
    now, schedules = datetime.now(UTC), Schedules(state)
    schedules.get(name)
    why = f"{who or me()}: {because}"
    _on(state, name, lambda client: handle_of(client, name).pause(note=why))

    def paused(kept: ScheduleState) -> ScheduleState:
        kept = settled(kept, now)
        if kept.paused:
            return kept
        return kept.model_copy(update={"pauses": (*kept.pauses, Pause(since=now, why=why))})

    schedules.change(name, paused)
    print(f"{name} is paused; it comes again after  gameday schedule resume {name}")


def resume(name: ScheduleName, state: StateFolder = DEFAULT_STATE, who: Who = None) -> None:
    """Let it come again from its next slot on. Slots of the pause are not made up.

    Example:  gameday schedule resume quarterly
    """
    now, schedules = datetime.now(UTC), Schedules(state)
    schedules.get(name)
    there = _asked(_there(state, name))
    _on(
        state,
        name,
        lambda client: handle_of(client, name).unpause(note=f"resumed by {who or me()}"),
    )

    def resumed(kept: ScheduleState) -> ScheduleState:
        kept = settled(kept, now, paused=there is not None and there.paused)
        pauses = tuple(
            one if one.until is not None else one.model_copy(update={"until": now})
            for one in kept.pauses
        )
        return kept.model_copy(update={"pauses": pauses})

    kept = schedules.change(name, resumed)
    coming = next_slots(kept.scheduled.timetable, now, 1)
    print(f"{name} comes again: {slot_line(coming[0]) if coming else 'never'}")


def trigger(name: ScheduleName, state: StateFolder = DEFAULT_STATE) -> None:
    """Start a game day of it now, as it was applied; not while another of it goes on.

    Example:  gameday schedule trigger quarterly
    """
    Schedules(state).get(name)
    _on(state, name, lambda client: handle_of(client, name).trigger())
    print(f"{name} is started now; see  gameday game-day status")


def backfill(
    name: ScheduleName,
    yes: Annotated[bool, typer.Option("--yes", help="Start them: real drills, now.")] = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Start the game days that were missed since the last one, one after the other.

    Example:  gameday schedule backfill quarterly --yes
    """
    found = {one.due.state.scheduled.name: one.due for one in _found(state)}
    Schedules(state).get(name)
    missed = [day.slot_at for day in found[name].missed if day.slot_at is not None]
    if not missed:
        print(f"{name} has missed nothing since its last game day")
        return
    if not yes:
        words = ", ".join(f"{at:%Y-%m-%d %H:%M} UTC" for at in missed)
        raise FileError(
            f"this starts {len(missed)} game days now, one after the other: {words}",
            next_step=f"gameday schedule backfill {name} --yes",
        )
    _on(state, name, lambda client: start_slots(client, name, tuple(missed)))
    print(f"{len(missed)} game days of {name} are started; see  gameday game-day status")


def remove(name: ScheduleName, state: StateFolder = DEFAULT_STATE) -> None:
    """Let it come no more. What it has left is kept with the runs.

    Example:  gameday schedule remove quarterly
    """
    Schedules(state).get(name)
    _on(state, name, lambda client: remove_schedule(client, name))
    Schedules(state).remove(name)
    print(f"{name} comes no more")


def _timetable(request: GameDayRequest, file: str, now: datetime) -> Timetable:
    """Raises FileError where the file has none, or one that clocks make doubtful."""
    timetable, where = request.game_day.schedule, find_game_day(file)
    if timetable is None:
        raise FileError(f"{where} has no `schedule:`", next_step="gameday schema game_day")
    if why := disputed(timetable, now, now + _LOOKED_AHEAD):
        raise FileError(
            f"{where}: {why}, and whatever starts game days by it would have to guess",
            next_step="choose a time of day that clocks never skip or repeat, such as 10:00",
        )
    return timetable


def _note(request: GameDayRequest, now: datetime) -> str:
    return f"plans {request.digest[:12]}, applied by {request.requested_by} on {now:%Y-%m-%d %H:%M}"


def _scheduled(
    request: GameDayRequest, timetable: Timetable, file: str, now: datetime
) -> Scheduled:
    return Scheduled(
        name=request.game_day.game_day,
        title=request.game_day.title,
        file=str(find_game_day(file).resolve()),
        target=request.target.target,
        environment=request.environment,
        target_file=request.target_file,
        runs=request.runs,
        timetable=timetable,
        digest=request.digest,
        applied_at=now,
        applied_by=request.requested_by,
        since=now,
    )


def _keep(schedules: Schedules, scheduled: Scheduled, now: datetime) -> None:
    """What was known of its slots stays; those of another timetable count from now on."""
    known = schedules.find(scheduled.name)
    if known is None:
        schedules.put(ScheduleState(scheduled=scheduled, settled_until=now))
        return
    since = known.scheduled.since

    def applied(kept: ScheduleState) -> ScheduleState:
        kept = settled(kept, now)
        if kept.scheduled.timetable == scheduled.timetable:
            return kept.model_copy(
                update={"scheduled": scheduled.model_copy(update={"since": since})}
            )
        return kept.model_copy(update={"scheduled": scheduled, "settled_until": now})

    schedules.change(scheduled.name, applied)


def _say_applied(
    request: GameDayRequest,
    timetable: Timetable,
    changes: Sequence[str],
    now: datetime,
    *,
    as_json: bool,
) -> None:
    name, slots = request.game_day.game_day, next_slots(timetable, now, _NEXT_SHOWN)
    if as_json:
        shown = [slot.model_dump(mode="json") for slot in slots]
        document = {"schedule": name, "digest": request.digest, "changes": list(changes)}
        print(json.dumps({**document, "next": shown}, indent=2))
        return
    for line in applied_lines(name, request, timetable, changes, slots):
        print(line)


def _found(state: Path) -> list[Found]:
    """Every schedule here, every past slot with its word, beside what Temporal has of it."""
    schedules, now = Schedules(state), datetime.now(UTC)
    found = []
    for known in schedules.all():
        name = known.scheduled.name
        try:
            there = _asked(_there(state, name))
        except StartError as error:
            # Nothing is written down: whether it was paused over a slot is not known now.
            found.append(Found(due(settled(known, now), now), None, error.sentence))
            continue
        paused = there is not None and there.paused
        kept = schedules.change(name, partial(settled, now=now, paused=paused))
        found.append(Found(due(kept, now), there))
    return found


async def _there(state: Path, name: str) -> OnSchedule | None:
    """What Temporal has of it; None where it has nothing."""
    return await on_schedule(await attached_session(state).temporal(), name)


def _on(state: Path, name: str, do: Callable[[Client], Awaitable[None]]) -> None:
    """Do something to the schedule in Temporal. Raises FileError where Temporal has none."""

    async def done() -> None:
        client = await attached_session(state).temporal()
        if await on_schedule(client, name) is None:
            raise FileError(
                f"Temporal has no schedule {name}", next_step=f"gameday schedule apply {name}"
            )
        await do(client)

    _asked(done())


def _asked(asking: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer of Temporal. Raises StartError where it has none."""
    try:
        return asyncio.run(asking)
    except RPCError as error:
        raise StartError(
            f"Temporal does not answer: {error.message}", next_step="gameday status"
        ) from error


def _load_timetable(name: str) -> Timetable:
    """Of a game day that is not applied. Raises FileError where it has none."""
    day = load_game_day(find_game_day(name))
    if day.schedule is None:
        raise FileError(
            f"{find_game_day(name)} has no `schedule:`", next_step="gameday schema game_day"
        )
    return day.schedule
