"""Schedules as people and programs see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gameday.cli.screen import table
from gameday.domain.calendar import Slot
from gameday.domain.game_day import GameDayRequest, Timetable
from gameday.domain.schedule import DayRecord, Due, overdue_sentence
from gameday.reporting.inert import inert_line
from gameday.supervisor.game_days import OnSchedule

_DAYS_SHOWN = 5


@dataclass(frozen=True)
class Found:
    """One schedule. there: what Temporal has of it. problem: why it could not be asked."""

    due: Due
    there: OnSchedule | None
    problem: str = ""


def applied_lines(
    name: str,
    request: GameDayRequest,
    timetable: Timetable,
    changes: Sequence[str],
    slots: Sequence[Slot],
) -> list[str]:
    said = [f"  {change}" for change in changes] or ["  nothing to change"]
    coming = [f"  next        {slot_line(slot)}" for slot in slots]
    return [
        f"{name}   {timetable.words}",
        *said,
        *(coming or ["  next        never: no slot within four years"]),
        f"  digest      {request.digest}",
    ]


def list_lines(found: Sequence[Found]) -> list[str]:
    """A row for each, and under it what needs somebody's eye."""
    if not found:
        return []
    rows = [("SCHEDULE", "STATE", "NEXT", "LAST REHEARSED"), *(_row(one) for one in found)]
    lines = table(rows)
    for one in found:
        lines += [f"  {inert_line(line)}" for line in _remarks(one)]
    return lines


def document(one: Found) -> dict[str, Any]:
    """One schedule for programs."""
    found, there, kept = one.due, one.there, one.due.state
    return {
        **kept.scheduled.model_dump(mode="json", by_alias=True),
        "state": _state(one),
        "overdue_since": _iso(found.overdue_since),
        "rehearsed_at": _iso(found.rehearsed_at),
        "next": [slot.model_dump(mode="json") for slot in found.next],
        "missed": [day.model_dump(mode="json") for day in found.missed],
        "days": [day.model_dump(mode="json") for day in kept.days],
        "in_temporal": there is not None,
        "note": there.note if there else "",
        "problem": one.problem,
    }


def slot_line(slot: Slot) -> str:
    frozen = f"   FROZEN {inert_line(slot.frozen)}" if slot.frozen else ""
    return f"{slot.local}   ({slot.at:%Y-%m-%d %H:%M} UTC){frozen}"


def _row(one: Found) -> tuple[str, str, str, str]:
    found = one.due
    slot = found.next[0] if found.next else None
    coming = f"{slot.local}{' (frozen)' if slot.frozen else ''}" if slot else "never"
    last = f"{found.rehearsed_at:%Y-%m-%d}" if found.rehearsed_at else "never"
    return (found.state.scheduled.name, _state(one), coming, last)


def _state(one: Found) -> str:
    """The one word that matters most."""
    if one.due.overdue_since is not None:
        return "OVERDUE"
    if one.there is None:
        return "not known" if one.problem else "not in Temporal"
    if one.there.paused:
        return "paused"
    return f"missed {len(one.due.missed)}" if one.due.missed else "on time"


def _remarks(one: Found) -> list[str]:
    found, there = one.due, one.there
    name, lines = found.state.scheduled.name, [one.problem] if one.problem else []
    if found.overdue_since is not None:
        lines.append(overdue_sentence(found))
    if there is None and not one.problem:
        lines.append(f"{name} is not in this Temporal: gameday schedule apply {name}")
    elif there is not None and there.paused:
        lines.append(f"{name} is paused: {there.note}; gameday schedule resume {name}")
    shown = sorted(found.state.days, key=lambda day: day.slot_at or day.at)[-_DAYS_SHOWN:]
    return lines + [f"{name}  {_day(day)}" for day in shown]


def _day(day: DayRecord) -> str:
    when = day.slot_at or day.at
    by_hand = "" if day.slot_at else ", started by hand"
    word = day.verdict or ("goes on" if day.outcome == "started" else day.outcome)
    run = f", game day {day.day_id}" if day.outcome == "started" else ""
    return f"{when:%Y-%m-%d %H:%M} UTC  {word}{run}{by_hand}" + (
        f": {day.reason}" if day.reason else ""
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
