"""A game day on a schedule: what was applied, what became of each slot, and what is overdue.

Pure: a slot that no start was recorded for, once it is too late to start, was missed. It is never
run late; whoever wants it all the same says so by a backfill.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from gameday.domain.calendar import Freeze, Slot, freeze_at, next_slots, period, slots
from gameday.domain.game_day import GameDayRequest, Timetable
from gameday.domain.names import Name
from gameday.domain.value import Value
from gameday.domain.verdict import Verdict

LATE_MAX = timedelta(minutes=10)  # from its slot to its start, at Temporal and at the workers each
_SETTLED_AFTER = 2 * LATE_MAX + timedelta(minutes=1)
# A game day that was refused or stopped by hand has rehearsed nothing.
_REHEARSED = frozenset({Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.DIRTY})


class Scheduled(Value):
    """What was applied, and by whom. Its slots count from `since` on."""

    name: Name
    title: str
    file: str  # the game-day file, absolute
    target: str
    environment: str
    target_file: str
    runs: str
    timetable: Timetable
    digest: str
    applied_at: datetime
    applied_by: str
    since: datetime


class Pause(Value):
    since: datetime
    until: datetime | None = None
    why: str = ""

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


class DayRecord(Value):
    """What became of one slot, or of a game day that a person started.

    slot_at: None for the latter. at: when that was known. day_id: '' where nothing was started.
    """

    slot_at: datetime | None
    outcome: Literal["started", "frozen", "missed", "paused"]
    at: datetime
    day_id: str = ""
    reason: str = ""
    verdict: Verdict | None = None
    ended_at: datetime | None = None

    @property
    def rehearsed(self) -> bool:
        return self.outcome == "started" and self.verdict in _REHEARSED


class ScheduleState(Value):
    """One schedule, as its state folder keeps it."""

    scheduled: Scheduled
    settled_until: datetime  # what became of every slot up to here is in `days`
    pauses: tuple[Pause, ...] = ()
    days: tuple[DayRecord, ...] = ()
    told: tuple[str, ...] = Field(default=(), description="notices that the hook has taken")

    @property
    def paused(self) -> Pause | None:
        """The pause that goes on."""
        return next((pause for pause in self.pauses if pause.until is None), None)

    def with_day(self, day: DayRecord) -> "ScheduleState":
        """It replaces what was known of the same day, and of its slot while nothing had started."""
        others = tuple(
            one
            for one in self.days
            if (one.day_id != day.day_id if one.day_id else one.slot_at != day.slot_at)
        )
        return self.model_copy(update={"days": (*others, day)})

    def without(self, day_id: str) -> "ScheduleState":
        others = tuple(day for day in self.days if day.day_id != day_id)
        return self.model_copy(update={"days": others})


class Asked(Value):
    """A game day that a worker has taken, and when: all that says whether it may begin.

    scheduled_at: what Temporal calls the time of its schedule; None where a person started it.
    started_at: when Temporal started it. at: now.
    """

    day_id: str
    scheduled_at: datetime | None
    started_at: datetime
    at: datetime


def slot_of(timetable: Timetable, scheduled_at: datetime | None) -> datetime | None:
    """The slot that Temporal's time of a schedule is; None for a trigger by hand."""
    if scheduled_at is None:
        return None
    found = slots(timetable, scheduled_at - timedelta(seconds=1), scheduled_at)
    return next((slot.at for slot in found), None)


def why_late(asked: Asked) -> str:
    """Why it is too late to begin, in a sentence; '' while it is not.

    A slot of long ago that Temporal starts was asked for by a person: a backfill.
    """
    due = asked.scheduled_at or asked.started_at
    if asked.started_at - due > LATE_MAX:
        due = asked.started_at
    late = asked.at - due
    if late <= LATE_MAX:
        return ""
    minutes = late.total_seconds() / 60
    return (
        f"no worker took it for {minutes:.0f} minutes, and it may be {LATE_MAX.seconds // 60} late"
    )


def freeze_on(request: GameDayRequest, moment: datetime) -> Freeze | None:
    """The freeze of the game day, or of its target, that is on at that moment."""
    timetable, target = request.game_day.schedule, request.target
    own = timetable.freeze_at(moment) if timetable else None
    return own or freeze_at(target.freezes, moment, target.time_zone)


def settled(state: ScheduleState, now: datetime, *, paused: bool = False) -> ScheduleState:
    """With a word on every slot that can start no more. paused: Temporal says that it is."""
    until = now - _SETTLED_AFTER
    if until <= state.settled_until:
        return state
    known = {day.slot_at for day in state.days}
    timetable = state.scheduled.timetable
    new = tuple(
        _unstarted(state, slot, now, paused=paused)
        for slot in slots(timetable, state.settled_until, until)
        if slot.at not in known
    )
    return state.model_copy(update={"settled_until": until, "days": (*state.days, *new)})


def _unstarted(state: ScheduleState, slot: Slot, now: datetime, *, paused: bool) -> DayRecord:
    pause = next((one for one in state.pauses if one.holds(slot.at)), None)
    if pause is not None or paused:
        why = pause.why if pause else ""
        return DayRecord(slot_at=slot.at, outcome="paused", at=now, reason=why)
    if slot.frozen:
        return DayRecord(slot_at=slot.at, outcome="frozen", at=now, reason=slot.frozen)
    return DayRecord(
        slot_at=slot.at,
        outcome="missed",
        at=now,
        reason="nothing started it: Temporal was down, or another game day of it still went on",
    )


class Due(Value):
    """How a schedule stands at one moment."""

    state: ScheduleState
    next: tuple[Slot, ...]
    rehearsed_at: datetime | None  # the last time that a game day came to a verdict
    overdue_since: datetime | None
    period_days: float

    @property
    def missed(self) -> tuple[DayRecord, ...]:
        """The slots that were missed since the last game day that started."""
        missed: list[DayRecord] = []
        for day in sorted(self.state.days, key=_when):
            if day.outcome == "started":
                missed.clear()
            elif day.outcome == "missed":
                missed.append(day)
        return tuple(missed)


def _when(day: DayRecord) -> datetime:
    return day.slot_at or day.at


def due(state: ScheduleState, now: datetime, count: int = 3) -> Due:
    """How it stands. Overdue: nothing was rehearsed for longer than its period and its grace."""
    timetable = state.scheduled.timetable
    rehearsed = [day.ended_at or day.at for day in state.days if day.rehearsed]
    last = max(rehearsed, default=None)
    longest = period(timetable, state.scheduled.since)
    since = (last or state.scheduled.since) + longest + timedelta(days=timetable.grace_days)
    return Due(
        state=state,
        next=tuple(next_slots(timetable, now, count)),
        rehearsed_at=last,
        overdue_since=since if since < now else None,
        period_days=longest / timedelta(days=1),
    )


def alarms(found: Due) -> tuple[tuple[str, str], ...]:
    """What a hook is told once: the notice, which stays the same, and its sentence."""
    name = found.state.scheduled.name
    told = [_missed(name, day) for day in found.missed]
    if found.overdue_since is not None:
        told.append(
            (
                f"schedule {name} overdue {found.overdue_since:%Y-%m-%dT%H:%M:%SZ}",
                overdue_sentence(found),
            )
        )
    return tuple(told)


def _missed(name: str, day: DayRecord) -> tuple[str, str]:
    sentence = (
        f"{name}: the game day of {day.slot_at:%Y-%m-%d %H:%M} UTC was missed and is not run "
        f"late: {day.reason}"
    )
    return f"schedule {name} missed {day.slot_at:%Y-%m-%dT%H:%M:%SZ}", sentence


def overdue_sentence(found: Due) -> str:
    scheduled, last = found.state.scheduled, found.rehearsed_at
    seen = f"last rehearsed on {last:%Y-%m-%d}" if last else "never rehearsed"
    grace = scheduled.timetable.grace_days
    return (
        f"{scheduled.name} is OVERDUE since {found.overdue_since:%Y-%m-%d}: {seen}, and due every "
        f"{found.period_days:.0f} days with {grace} of grace"
    )


def missed_notes(days: Sequence[DayRecord]) -> tuple[str, ...]:
    """Missed slots in a line each, for the next game day that starts."""
    return tuple(
        f"the slot of {day.slot_at:%Y-%m-%d %H:%M} UTC was missed: {day.reason}" for day in days
    )
