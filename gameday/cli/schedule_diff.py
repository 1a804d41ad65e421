"""What an apply would change, key by key: what Temporal has, against what the file says now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gameday.domain.game_day import GameDayRequest
from gameday.reporting.inert import inert_line
from gameday.supervisor.game_days import OnSchedule, policy, spec_of

_SHOWN_MAX = 60  # characters of a value
_LINES_MAX = 40


def differences(found: OnSchedule | None, request: GameDayRequest, queue: str) -> list[str]:
    """A line for each key that differs; empty where there is nothing to change."""
    if found is None:
        return ["+ new"]
    if found.request is None:
        return ["~ what it starts was changed outside of Gameday"]
    timetable = request.game_day.schedule
    assert timetable is not None
    before = {
        **_flat(_document(found.request)),
        **_flat({"temporal": asdict(found.spec) | asdict(found.policy)}),
        "temporal.queue": found.queue,
    }
    after = {
        **_flat(_document(request)),
        **_flat({"temporal": asdict(spec_of(timetable)) | asdict(policy())}),
        "temporal.queue": queue,
    }
    lines = [_line(key, before, after) for key in sorted(before.keys() | after.keys())]
    told = [line for line in lines if line]
    more = len(told) - _LINES_MAX
    return [*told[:_LINES_MAX], f"  and {more} more"] if more > 0 else told


def _document(request: GameDayRequest) -> dict[str, Any]:
    """But for who asked: the same file applied by somebody else changes nothing."""
    return request.model_dump(mode="json", by_alias=True, exclude={"requested_by"})


def _flat(value: Any, where: str = "") -> dict[str, str]:
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return {where: str(value)}
    # Also the SDK's own sequences, which are neither lists nor tuples.
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    found: dict[str, str] = {}
    for key, one in items:
        found |= _flat(one, f"{where}.{key}" if where else str(key))
    return found


def _line(key: str, before: dict[str, str], after: dict[str, str]) -> str:
    old, new = before.get(key), after.get(key)
    if old == new:
        return ""
    if old is None:
        return inert_line(f"+ {key}: {_short(new)}")
    if new is None:
        return inert_line(f"- {key}: {_short(old)}")
    return inert_line(f"~ {key}: {_short(old)} -> {_short(new)}")


def _short(text: str | None) -> str:
    text = text or "''"
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
