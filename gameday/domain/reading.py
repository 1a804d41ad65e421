"""What another system measured in a window, and the share of it that was good.

Pure: readings are taken while a run goes on and stored with it, so judging can be repeated.
Nothing is ever taken for zero: no answer, NaN and a gap are all no data.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from gameday.domain.slo import RawRatio, Slo, Threshold
from gameday.domain.value import Value

GAP_STEPS_MAX = 3  # points that may be missing in a row
GAP_S_MIN = 5.0
RAW_MAX = 2000  # characters of an answer that are kept

Point = tuple[float, float]  # seconds since the epoch, figure


Events = tuple[float, float, float]  # seconds since the epoch, how many, how many of them bad


class Reading(Value):
    """One part of one objective, over one window."""

    slo: str
    window: str
    part: str  # "good", "bad", "total", "raw" or "metric"
    source: str  # what was asked
    place: str  # whom
    asked_at: datetime
    start_s: float  # of the window, seconds since the epoch
    end_s: float
    step_s: float = 1.0  # between points
    at_end: bool = False  # one figure for the whole window
    points: tuple[Point, ...] = ()
    problem: str = ""  # why there is no data
    raw: str = ""  # what was answered, cut

    @property
    def no_data(self) -> str:
        """Why this tells nothing, in a few words; '' when it tells."""
        if self.problem:
            return self.problem
        if not self.points:
            return "the answer is empty"
        return "" if self.at_end else self._gap()

    def _gap(self) -> str:
        gap_max = max(GAP_STEPS_MAX * self.step_s, GAP_S_MIN)
        times = [self.start_s, *(at for at, _ in self.points), self.end_s]
        worst = max(later - earlier for earlier, later in pairwise(times))
        if worst <= gap_max:
            return ""
        return f"there is no figure for {worst:.0f} s of the window"


@dataclass(frozen=True)
class Measured:
    """The share that was good, of how many; None where nobody can know, and why."""

    share: float | None
    count: float | None = None  # events, points or slices; None where it is not told
    what: str = ""
    why_not: str = ""


def measure(slo: Slo, readings: Mapping[str, Reading]) -> Measured:
    """The share of `slo` that was good in one window. readings: of that window, by part."""
    for part in slo.parts:
        if part not in readings:
            return Measured(None, why_not=f"nobody read {part}")
        if problem := readings[part].no_data:
            return Measured(None, why_not=f"no data of {part}: {problem}")
    by_part = {part: readings[part].points for part in slo.parts}
    if slo.timeslices is None:
        return _share(slo, by_part, at_end=all(readings[part].at_end for part in slo.parts))
    if any(readings[part].at_end for part in slo.parts):
        return Measured(None, why_not="one figure for the whole window has no slices")
    return _sliced(slo, by_part, readings[next(iter(slo.parts))])


def events(slo: Slo, readings: Mapping[str, Reading]) -> list[Events]:
    """The events of one window, figure by figure; none where they cannot be told apart.

    A figure that is held against a bound, or is a ratio, is one event that is bad in part or whole.
    """
    parts = [readings[part] for part in slo.parts if part in readings]
    told = len(parts) == len(slo.parts) and not any(one.no_data or one.at_end for one in parts)
    if not told or slo.timeslices is not None:
        return []
    points = {part: readings[part].points for part in slo.parts}
    match slo.indicator:
        case Threshold(op=op, value=bound):
            return [(at, 1.0, float(not _meets(v, op, bound))) for at, v in points["metric"]]
        case RawRatio(of=of):
            return [(at, 1.0, v if of == "failure" else 1 - v) for at, v in points["raw"]]
        case _:
            return _counted(slo, points)


def _counted(slo: Slo, points: Mapping[str, Sequence[Point]]) -> list[Events]:
    assert slo.ratio is not None
    changes = {
        part: dict(_steps(series)) if slo.ratio.counter else dict(series)
        for part, series in points.items()
    }
    numerator = changes.get("good", changes.get("bad", {}))
    return [
        (at, total, total - numerator[at] if "good" in changes else numerator[at])
        for at, total in changes["total"].items()
        if at in numerator
    ]


def _share(slo: Slo, points: Mapping[str, Sequence[Point]], *, at_end: bool) -> Measured:
    match slo.indicator:
        case Threshold(op=op, value=bound):
            met = [_meets(value, op, bound) for _, value in points["metric"]]
            return Measured(sum(met) / len(met), len(met), "readings")
        case RawRatio(of=of):
            mean = math.fsum(value for _, value in points["raw"]) / len(points["raw"])
            if not 0 <= mean <= 1:
                return Measured(None, why_not=f"{mean:g} is no ratio")
            return Measured(mean if of == "success" else 1 - mean, len(points["raw"]), "readings")
        case _:
            return _ratio(slo, points, at_end=at_end)


def _ratio(slo: Slo, points: Mapping[str, Sequence[Point]], *, at_end: bool) -> Measured:
    assert slo.ratio is not None
    counted = slo.ratio.counter and not at_end
    amounts = {part: _grown(p) if counted else _summed(p) for part, p in points.items()}
    total = amounts["total"]
    if total <= 0:
        return Measured(None, why_not="no event was counted")
    share = amounts["good"] / total if "good" in amounts else 1 - amounts["bad"] / total
    if not -1e-9 <= share <= 1 + 1e-9:
        return Measured(None, why_not=f"{share:.3f} is no share: the parts do not belong together")
    return Measured(min(max(share, 0.0), 1.0), total if counted else None, "events")


def _sliced(slo: Slo, points: Mapping[str, Sequence[Point]], like: Reading) -> Measured:
    """Count slices of time from the start of the window on; one that is not whole is left out."""
    assert slo.timeslices is not None
    length_s = slo.timeslices.length
    good = slices = 0
    for number in range(int((like.end_s - like.start_s) / length_s + 1e-9)):
        start_s = like.start_s + number * length_s
        inside = {
            part: [p for p in series if start_s - 1e-6 <= p[0] <= start_s + length_s + 1e-6]
            for part, series in points.items()
        }
        if not all(inside.values()):
            return Measured(None, why_not=f"no figure in slice {number + 1}")
        in_slice = _share(slo, inside, at_end=False)
        if in_slice.share is not None:  # a slice without an event is neither good nor bad
            slices += 1
            good += in_slice.share >= slo.timeslices.target
    if not slices:
        return Measured(None, why_not=f"the window holds no slice of {length_s:g} s with an event")
    return Measured(good / slices, slices, "slices")


def _grown(points: Sequence[Point]) -> float:
    """How much a counter has gone up; one that starts again at zero goes on from there."""
    return math.fsum(step for _, step in _steps(points))


def _steps(points: Sequence[Point]) -> Iterator[Point]:
    """How much a counter went up to each of its figures but the first."""
    for (_, then), (at, now) in pairwise(points):
        yield at, now - then if now >= then else now


def _summed(points: Sequence[Point]) -> float:
    return math.fsum(value for _, value in points)


def _meets(value: float, op: str, bound: float) -> bool:
    return {
        "lte": value <= bound,
        "gte": value >= bound,
        "lt": value < bound,
        "gt": value > bound,
    }[op]
