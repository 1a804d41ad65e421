"""What a game day does beside its drills: may it begin, whom does it page, what does it leave."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import Message, tell_channel
from activities.recorded import keep_reference
from gameday.domain.errors import GamedayError
from gameday.domain.game_day import GameDayRequest, GameDayResult
from gameday.domain.record import RunRequest
from gameday.domain.result import Result
from gameday.domain.schedule import (
    Asked,
    DayRecord,
    ScheduleState,
    due,
    freeze_on,
    missed_notes,
    settled,
    slot_of,
    why_late,
)
from gameday.domain.value import Value
from gameday.reporting.asking import message_of_say
from gameday.store.game_days import write_game_day
from gameday.store.run_folder import RunFolder
from gameday.store.schedules import Schedules

TellKind = Literal["page", "waits"]


class OpenDay(Value):
    """A game day that asks whether it may begin."""

    request: GameDayRequest
    asked: Asked


class DayOpened(Value):
    """Whether it may. refused: why not, in a sentence. notes: what to know of the slots before."""

    slot_at: datetime | None = None
    refused: str = ""
    notes: tuple[str, ...] = ()


class KeepDay(Value):
    """A game day as far as it has come."""

    folder: str
    day: GameDayResult


class TellDay(Value):
    """Something that people must hear: somebody is paged, or waited for.

    about: which word of the day this is, the same whenever it is told again.
    """

    request: GameDayRequest
    day_id: str
    kind: TellKind
    about: str
    people: tuple[str, ...]
    sentence: str
    next_step: str


class GameDayActivities:
    """state: the folder that keeps the schedules, where there are any."""

    def __init__(self, state: Path) -> None:
        self._schedules = Schedules(state)
        self._state = state

    @activity.defn(name="open_day")
    async def open_day(self, wanted: OpenDay) -> DayOpened:
        """Say whether it may begin, and record what becomes of its slot. Repeatable."""
        request, asked = wanted.request, wanted.asked
        timetable = request.game_day.schedule
        slot_at = slot_of(timetable, asked.scheduled_at) if timetable else None
        late, freeze = why_late(asked), freeze_on(request, asked.at)
        refused = late or (f"a freeze is on: {freeze.words}" if freeze else "")
        outcome: Literal["started", "frozen", "missed"]
        outcome = "missed" if late else "frozen" if freeze else "started"
        day = DayRecord(
            slot_at=slot_at, outcome=outcome, at=asked.at, day_id=asked.day_id, reason=refused
        )
        return DayOpened(slot_at=slot_at, refused=refused, notes=self._record(request, day))

    def _record(self, request: GameDayRequest, day: DayRecord) -> tuple[str, ...]:
        """Nothing of a game day without a schedule here. The slots that were missed before it."""
        name = request.game_day.game_day
        if self._schedules.find(name) is None:
            return ()
        before: list[ScheduleState] = []

        def recorded(state: ScheduleState) -> ScheduleState:
            before.append(settled(state.without(day.day_id), day.at))
            return before[-1].with_day(day)

        self._schedules.change(name, recorded)
        return missed_notes(due(before[-1], day.at).missed)

    @activity.defn(name="begin_drill")
    async def begin_drill(self, request: RunRequest) -> str:
        """Bring what the run needs to its folder; why it cannot begin, or ''. Repeatable."""
        try:
            await asyncio.to_thread(keep_reference, request, self._state)
        except GamedayError as error:
            return error.sentence
        return ""

    @activity.defn(name="keep_day")
    async def keep_day(self, wanted: KeepDay) -> None:
        """Write what the day has come to; its end is known to its schedule first. Repeatable."""
        day = wanted.day
        if day.ended_at is not None and self._schedules.find(day.game_day) is not None:
            self._schedules.change(day.game_day, partial(_with_end, day=day))
        write_game_day(Path(wanted.folder), day)

    @activity.defn(name="tell_day")
    async def tell_day(self, wanted: TellDay) -> str:
        """Tell every channel of the target; why no channel took it, or ''. May tell it twice."""
        folder, message = Path(wanted.request.target_file).parent, _message(wanted)
        channels = wanted.request.target.channels
        failures = [await tell_channel(one, folder, message) for one in channels]
        return "" if "" in failures else "; ".join(failures)

    @activity.defn(name="find_result")
    async def find_result(self, request: RunRequest) -> Result:
        """What the guardian left of a run whose workflow is gone. Raises while there is nothing."""
        folder = RunFolder(request.folder)
        if not folder.result_file.exists():
            raise ApplicationError(f"run {request.run_id} has left no result")
        return await asyncio.to_thread(folder.read_result)


def _with_end(state: ScheduleState, day: GameDayResult) -> ScheduleState:
    found = next((one for one in state.days if one.day_id == day.id), None)
    known = found or DayRecord(
        slot_at=day.slot_at, outcome="started", at=day.started_at, day_id=day.id
    )
    end = {"verdict": day.verdict, "ended_at": day.ended_at, "reason": day.reason}
    return state.with_day(known.model_copy(update=end))


def _message(wanted: TellDay) -> Message:
    request = wanted.request
    document = {
        "notice": f"game day {wanted.day_id} {wanted.about}",
        "kind": wanted.kind,
        "at": datetime.now(UTC).isoformat(),
        "target": request.target.target,
        "environment": request.environment,
        "game_day": wanted.day_id,
        "people": list(wanted.people),
        "sentence": wanted.sentence,
        "next_step": wanted.next_step,
    }
    where = f"{request.target.target}/{request.environment}"
    said = f"{wanted.sentence}\n{wanted.next_step}"
    return Message(document, message_of_say(wanted.day_id, said, where))
