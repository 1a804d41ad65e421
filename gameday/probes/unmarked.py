"""Says whether a fault that was meant for the drill's own requests has moved anybody else's.

A fault for marked requests alone can still reach others through what they share: a gateway that
cools a provider down does so for everybody. It shows in the unmarked traffic at the gates.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gameday.domain.abort import UNMARKED_SHIFT_MAX
from gameday.domain.gate import Traffic

CALLS_MIN = 20  # on each side of a comparison: fewer tell nothing
SHARE_SHIFT_MAX = UNMARKED_SHIFT_MAX  # of all unmarked calls, at one provider
BAD_SHIFT_MAX = 0.10  # of one provider's unmarked calls
SLOWER_FACTOR_MAX, SLOWER_MS_MAX = 3.0, 500.0  # both must be passed: means of few calls scatter
_Z = 3.0  # looked at once a second for minutes, so chance must be rarer than one in a thousand

TrafficBy = Mapping[str, Traffic]  # by provider


def traffic_between(start: TrafficBy, end: TrafficBy) -> dict[str, Traffic]:
    """What came after `start`, which was read earlier than `end`, from the same counters."""
    return {name: _less(counted, start.get(name, Traffic())) for name, counted in end.items()}


@dataclass(frozen=True)
class Bounds:
    """How much of the unmarked calls may go elsewhere, or fail, beyond what the baseline had."""

    share: float = SHARE_SHIFT_MAX
    bad: float = BAD_SHIFT_MAX


USUAL = Bounds()


def find_shift(
    before: TrafficBy, during: TrafficBy, faulted: Sequence[str], bounds: Bounds = USUAL
) -> str:
    """How unmarked traffic has moved since the baseline, in one sentence; '' when it has not.

    before, during: of the baseline and of the faulted window so far.
    faulted: the providers with a fault, whose figures are looked at first.
    """
    names = [*faulted, *sorted({*before, *during} - {*faulted})]
    for look in (_share_shift, _bad_shift, _time_shift):
        for name in names:
            if moved := look(name, before, during, bounds):
                return (
                    f"unmarked traffic shifted: {moved}, so the fault reaches others, e.g. "
                    "through a shared cooldown"
                )
    return ""


def why_not_compared(before: TrafficBy, during: TrafficBy) -> str:
    """Why nobody can say whether it has moved, in one sentence; '' when somebody can."""
    calls_before, calls_during = _calls(before), _calls(during)
    if min(calls_before, calls_during) >= CALLS_MIN:
        return ""
    return (
        f"unmarked traffic could not be compared: {calls_before} calls in the baseline and "
        f"{calls_during} in the faulted window, {CALLS_MIN} are needed in each"
    )


def _share_shift(name: str, before: TrafficBy, during: TrafficBy, bounds: Bounds) -> str:
    then = (_of(before, name).unmarked, _calls(before))
    now = (_of(during, name).unmarked, _calls(during))
    if not _differ(then, now, beyond=bounds.share):
        return ""
    verb = "fell" if _rate(now) < _rate(then) else "rose"
    return (
        f"{name}'s share {verb} from {_percent(then)} of {then[1]} calls "
        f"to {_percent(now)} of {now[1]}"
    )


def _bad_shift(name: str, before: TrafficBy, during: TrafficBy, bounds: Bounds) -> str:
    then = (_of(before, name).unmarked_bad, _of(before, name).unmarked)
    now = (_of(during, name).unmarked_bad, _of(during, name).unmarked)
    if not _differ(then, now, beyond=bounds.bad) or _rate(now) < _rate(then):
        return ""
    return (
        f"bad answers of {name} rose from {_percent(then)} of {then[1]} calls "
        f"to {_percent(now)} of {now[1]}"
    )


def _time_shift(name: str, before: TrafficBy, during: TrafficBy, _: Bounds) -> str:
    then, now = _of(before, name), _of(during, name)
    if min(then.unmarked, now.unmarked) < CALLS_MIN:
        return ""
    then_ms, now_ms = then.unmarked_ms / then.unmarked, now.unmarked_ms / now.unmarked
    if now_ms <= SLOWER_FACTOR_MAX * then_ms or now_ms - then_ms <= SLOWER_MS_MAX:
        return ""
    return (
        f"calls at {name} took {now_ms:,.0f} ms on average ({now.unmarked} calls), "
        f"{then_ms:,.0f} ms before ({then.unmarked} calls)"
    )


Counted = tuple[int, int]  # so many of so many


def _differ(then: Counted, now: Counted, *, beyond: float) -> bool:
    """Whether two shares differ by more than `beyond`, and by more than chance would."""
    if min(then[1], now[1]) < CALLS_MIN:
        return False
    if abs(_rate(now) - _rate(then)) <= beyond:
        return False
    low, high = sorted((then, now), key=_rate)
    return _bounds(low)[1] < _bounds(high)[0]


def _bounds(counted: Counted) -> tuple[float, float]:
    """Wilson's interval for a share."""
    calls = counted[1]
    rate = _rate(counted)
    centre = (rate + _Z**2 / (2 * calls)) / (1 + _Z**2 / calls)
    half = _Z / (1 + _Z**2 / calls) * math.sqrt(rate * (1 - rate) / calls + (_Z / calls) ** 2 / 4)
    return centre - half, centre + half


def _less(counted: Traffic, earlier: Traffic) -> Traffic:
    return Traffic(
        marked=counted.marked - earlier.marked,
        unmarked=counted.unmarked - earlier.unmarked,
        unmarked_bad=counted.unmarked_bad - earlier.unmarked_bad,
        unmarked_ms=max(0.0, counted.unmarked_ms - earlier.unmarked_ms),
    )


def _of(traffic: TrafficBy, name: str) -> Traffic:
    return traffic.get(name, Traffic())


def _calls(traffic: TrafficBy) -> int:
    return sum(counted.unmarked for counted in traffic.values())


def _rate(counted: Counted) -> float:
    return counted[0] / counted[1]


def _percent(counted: Counted) -> str:
    return f"{100 * _rate(counted):.0f} %"
