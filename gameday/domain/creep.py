"""Says whether a figure gets slowly worse while it still holds its objective, and how surely.

The figures of one week count as one, their mean, so that a busy week weighs no more than another.
Mann and Kendall's test counts how many pairs of weeks went up and how many down, and so asks for no
distribution and gives one outlier no weight; Theil and Sen's slope, the median of all pairs', says
how fast. Weeks that resemble the ones before make both too sure: the variance is widened by
(1 + r) / (1 - r), r being the correlation of one week's noise with the next one's. It is the
smaller one of two estimates, both of ranks: of what is left of the logarithms without their slope,
corrected for the bias that this has in short series; and of the differences from week to week, with
1.5 standard errors on top. The first one alone would take a step, or a growth that quickens, for
such weeks, and see neither. r below 0 narrows nothing.

Whoever looks again and again is fooled in the end. So one looks at marks four weeks apart that are
the same for everybody, at the 78 weeks (six quarters) before each; at which of the days between
somebody asks makes no difference. Each look may be wrong with a chance of ALPHA * 4 / 78, shared by
all figures that are looked at together. So in any six quarters at most ALPHA of those systems of
which nothing gets worse raise any alarm, however the looks depend on each other (Bonferroni).

Where nothing is seen, that may be for want of weeks. A drift of DRIFT a quarter is then called
absent only where it would have been seen with a chance of POWER at the noise there is; else the
answer is `unknown`, with the number of weeks that are still needed. `python -m bench.creep`
measures all of this, beside a t-test on the slope of the logarithms.

Sources: Mann, Econometrica 13 (1945); Kendall, Rank Correlation Methods (1955); Sen, JASA 63
(1968); Hamed and Rao, J. Hydrology 204 (1998); Matalas and Sankarasubramanian, Water Resources
Research 39 (2003) for the bias.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from operator import mul
from statistics import NormalDist, fmean, median, pstdev
from typing import Literal

from gameday.domain.figure import Figure, Worse
from gameday.domain.value import Value

ALPHA = 0.05  # of any alarm in SPAN_WEEKS, of all figures together, where nothing gets worse
POWER = 0.9
DRIFT = 0.05  # of the figure's level in a quarter: what is worth knowing of
SPAN_WEEKS, LOOK_WEEKS, QUARTER_WEEKS = 78, 4, 13
WEEKS_MIN = 12  # with a figure; fewer tell neither the noise nor how weeks resemble each other
NOISE_ASSUMED = 0.1  # of the level, where there are too few weeks to tell
_WIDENING_USUAL = 1.25  # what guarding against it costs where weeks do not resemble each other
_RESEMBLES_MAX = 0.8
_STEPS_ERRORS = 1.5
_WEEKS_LEFT_MAX = 520  # beyond ten years nobody plans
_MAD_TO_SIGMA = 1.4826
_EFFICIENCY = math.sqrt(3 / math.pi)  # of ranks beside a t-test, where noise is normal
_EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday
_NORMAL = NormalDist()

State = Literal["worse", "better", "steady", "unknown"]


@dataclass(frozen=True)
class Series:
    """One figure over time; the last one says its name, unit and objective."""

    last: Figure
    points: tuple[tuple[datetime, float], ...]

    @classmethod
    def gather(cls, told: Iterable[tuple[datetime, Iterable[Figure]]]) -> "list[Series]":
        """All series in what was told at so many moments, in the order of time."""
        points: dict[str, list[tuple[datetime, float]]] = {}
        last: dict[str, Figure] = {}
        for at, figures in sorted(told, key=lambda one: one[0]):
            for figure in figures:
                points.setdefault(figure.key, []).append((at, figure.value))
                last[figure.key] = figure
        return [cls(last[key], tuple(points[key])) for key in points]


class Creep(Value):
    """What can be said of one figure's drift.

    drift: of its level, in a quarter, as a share; above 0 it goes up. drift_low, drift_high: with
    95 % confidence. All null where the level is 0, or nothing can be said. seen_from: a drift to
    the worse of at least so much would have been seen with a chance of 0.9. weeks: that had a
    figure. weeks_needed: with a figure, until a drift of 5 % would be seen; 0: it would be now.
    weeks_left: until the objective is passed, should it go on so.
    """

    figure: Figure
    state: State
    weeks: int
    until: datetime
    drift: float | None = None
    drift_low: float | None = None
    drift_high: float | None = None
    seen_from: float | None = None
    weeks_needed: int = 0
    weeks_left: int | None = None

    @property
    def creeps(self) -> bool:
        """Whether it gets worse, and its last figure does not yet break its objective."""
        return self.state == "worse" and self.figure.inside is not False

    @property
    def sentence(self) -> str:
        """What a person should know, with its numbers."""
        over = f"over {self.weeks} weeks with a figure"
        if self.state == "unknown":
            return self._too_little
        if self.state == "steady":
            return f"no drift of {_percent(DRIFT)} a quarter{self._between} {over}"
        return f"gets {self.state}{self._pace} {over}{self._ahead}"

    @property
    def _too_little(self) -> str:
        more = f"{self.weeks_needed} more are needed"
        if self.weeks + self.weeks_needed > SPAN_WEEKS:
            more = (
                f"at this noise not even {SPAN_WEEKS} show a drift of {_percent(DRIFT)} a quarter"
            )
        seen = ""
        if self.seen_from is not None:
            seen = f"; one of {_percent(self.seen_from)} a quarter or more would have been seen"
        return f"too little to know: {self.weeks} weeks have a figure, {more}{seen}"

    @property
    def _pace(self) -> str:
        return "" if self.drift is None else f", {_signed(self.drift)} a quarter{self._between}"

    @property
    def _between(self) -> str:
        if self.drift_low is None or self.drift_high is None:
            return ""
        return f" ({_signed(self.drift_low)} to {_signed(self.drift_high)})"

    @property
    def _ahead(self) -> str:
        if self.state != "worse" or self.figure.inside is None:
            return ""
        if not self.figure.inside:
            return "; its objective is broken already"
        left = (
            "" if self.weeks_left is None else f", for about {self.weeks_left} weeks at this pace"
        )
        return f"; still inside its objective{left}"


def find_creep(series: Series, now: datetime, *, together: int = 1) -> Creep:
    """What the last look before `now` says. together: the figures that are looked at with it."""
    mark = last_look(now)
    weeks = _Weeks.of(series.points, mark)
    until = _EPOCH + timedelta(weeks=mark)
    if len(weeks.values) < WEEKS_MIN:
        needed = weeks_for(NOISE_ASSUMED, together=together) - len(weeks.values)
        return Creep(
            figure=series.last,
            state="unknown",
            weeks=len(weeks.values),
            until=until,
            weeks_needed=needed,
        )
    return _judge(series.last, weeks, until, together)


def find_all(told: Sequence[Series], now: datetime) -> list[Creep]:
    """Each one's, looked at together."""
    return [find_creep(one, now, together=len(told)) for one in told]


def last_look(now: datetime) -> int:
    """The week with which the last look ended; weeks count from a Monday in 1970."""
    return _week(now) // LOOK_WEEKS * LOOK_WEEKS


def z_needed(together: int = 1) -> float:
    """How many standard deviations an alarm takes."""
    return _NORMAL.inv_cdf(1 - ALPHA * LOOK_WEEKS / SPAN_WEEKS / together)


def weeks_for(noise: float, *, widening: float = _WIDENING_USUAL, together: int = 1) -> int:
    """So many weekly figures show a drift of DRIFT with a chance of POWER.

    noise: their standard deviation around the drift, as a share of their level. widening: of the
    variance, as weeks resemble each other. Weeks in a row have a lever of (n ** 3 - n) / 12.
    """
    ratio = _reach(noise, widening, together) / DRIFT
    return max(WEEKS_MIN, math.ceil(math.cbrt(12 * ratio**2)))


def _reach(noise: float, widening: float, together: int) -> float:
    """The drift in a quarter that is seen with a chance of POWER, where the lever is 1."""
    deviations = (z_needed(together) + _NORMAL.inv_cdf(POWER)) / _EFFICIENCY
    return deviations * noise * math.sqrt(widening) * QUARTER_WEEKS


@dataclass(frozen=True)
class _Weeks:
    """The weeks that have a figure, in order, each with the mean of its figures."""

    numbers: tuple[int, ...]
    values: tuple[float, ...]

    @classmethod
    def of(cls, points: Iterable[tuple[datetime, float]], mark: int) -> "_Weeks":
        """Of the SPAN_WEEKS before the mark."""
        found: dict[int, list[float]] = {}
        for at, value in points:
            week = _week(at)
            if mark - SPAN_WEEKS <= week < mark:
                found.setdefault(week, []).append(value)
        ordered = sorted(found)
        return cls(tuple(ordered), tuple(fmean(found[week]) for week in ordered))

    @cached_property
    def slopes(self) -> list[float]:
        """Those of all pairs, sorted."""
        return _slopes(self.numbers, self.values)

    @property
    def slope(self) -> float:
        return median(self.slopes)

    @cached_property
    def level(self) -> float:
        """What a drift is a share of; 0.0 where every figure is."""
        return abs(median(self.values)) or fmean(map(abs, self.values))

    @property
    def lever(self) -> float:
        """The squares of the weeks' distances from their middle."""
        middle = fmean(self.numbers)
        return math.fsum((week - middle) ** 2 for week in self.numbers)

    @cached_property
    def residuals(self) -> list[float]:
        return _without_slope(self.numbers, self.values)

    @property
    def noise(self) -> float:
        """The standard deviation around the slope, so that one outlier makes no difference.

        Where most weeks are the same, those that are not would be lost so.
        """
        centre = median(self.residuals)
        usual = median(abs(one - centre) for one in self.residuals)
        return _MAD_TO_SIGMA * usual or pstdev(self.residuals)

    @cached_property
    def widening(self) -> float:
        """By how much the variance is wider than that of weeks that do not resemble each other."""
        count, left = len(self.values), self.residuals
        if min(self.values) > 0:  # what compounds is straight in its logarithms
            left = _without_slope(self.numbers, [math.log(one) for one in self.values])
        by_ranks = (count * _follows(_ranks(left)) + 2) / (count - 4)
        steps = [after - before for before, after in pairwise(left)]
        by_steps = 1 + 2 * _follows(_ranks(steps)) + _STEPS_ERRORS / math.sqrt(count)
        resembles = min(max(min(by_ranks, by_steps), 0.0), _RESEMBLES_MAX)
        return (1 + resembles) / (1 - resembles)

    @cached_property
    def deviation(self) -> float:
        """The standard deviation of Kendall's S, with weeks that are the same, and widened."""
        count = len(self.values)
        same = [self.values.count(value) for value in set(self.values)]
        ties = sum(one * (one - 1) * (2 * one + 5) for one in same)
        variance = (count * (count - 1) * (2 * count + 5) - ties) / 18
        return math.sqrt(variance * self.widening)

    def z(self, worse: Worse) -> float:
        """How many standard deviations more pairs went to the worse than to the better."""
        more = sum((slope > 0) - (slope < 0) for slope in self.slopes)
        towards = more if worse == "up" else -more
        # One less, as S goes in steps of two: the normal distribution then promises nothing more.
        return (towards - math.copysign(1, towards)) / self.deviation if towards else 0.0

    def slope_bounds(self) -> tuple[float, float]:
        """Of the slope, with 95 % confidence: pairs so many ranks from the middle."""
        off = _NORMAL.inv_cdf(0.975) * self.deviation / 2
        middle = (len(self.slopes) - 1) / 2
        low, high = math.floor(middle - off), math.ceil(middle + off)
        return self.slopes[max(0, low)], self.slopes[min(len(self.slopes) - 1, high)]


def _judge(figure: Figure, weeks: _Weeks, until: datetime, together: int) -> Creep:
    z, level, count = weeks.z(figure.worse), weeks.level, len(weeks.values)
    low, high = weeks.slope_bounds()
    noise = weeks.noise / level if level else 0.0
    seen_from = _reach(noise, weeks.widening, together) / math.sqrt(weeks.lever)
    state: State = "steady" if seen_from <= DRIFT else "unknown"
    if abs(z) > z_needed(together):
        state = "worse" if z > 0 else "better"
    widening = max(weeks.widening, _WIDENING_USUAL)
    needed = weeks_for(noise, widening=widening, together=together)

    def per_quarter(slope: float) -> float:
        return slope * QUARTER_WEEKS / level if level else 0.0

    return Creep(
        figure=figure,
        state=state,
        weeks=count,
        until=until,
        drift=per_quarter(weeks.slope),
        drift_low=per_quarter(low),
        drift_high=per_quarter(high),
        seen_from=seen_from,
        weeks_needed=max(1, needed - count) if state == "unknown" else 0,
        weeks_left=_weeks_left(figure, weeks) if state == "worse" else None,
    )


def _weeks_left(figure: Figure, weeks: _Weeks) -> int | None:
    """Until the objective is passed; None without one, or where it is passed already."""
    if figure.objective is None or not figure.inside or not weeks.slope:
        return None
    now = median(weeks.residuals) + weeks.slope * weeks.numbers[-1]
    left = (figure.objective - now) / weeks.slope
    return max(0, math.floor(left)) if left < _WEEKS_LEFT_MAX else None


def _slopes(weeks: Sequence[int], values: Sequence[float]) -> list[float]:
    """From each week to each later one, sorted."""
    pairs = list(zip(weeks, values, strict=True))
    return sorted(
        (later - value) / (then - week)
        for place, (week, value) in enumerate(pairs)
        for then, later in pairs[place + 1 :]
    )


def _without_slope(weeks: Sequence[int], values: Sequence[float]) -> list[float]:
    """What is left of each."""
    slope = median(_slopes(weeks, values))
    return [value - slope * week for week, value in zip(weeks, values, strict=True)]


def _ranks(values: Sequence[float]) -> list[float]:
    """The rank of each; equal ones share the mean of theirs."""
    ordered = sorted(values)
    return [(bisect_left(ordered, one) + bisect_right(ordered, one)) / 2 for one in values]


def _follows(values: Sequence[float]) -> float:
    """The correlation of each with the next one; 0.0 where all are the same."""
    centre = fmean(values)
    off = [value - centre for value in values]
    squares = math.fsum(one * one for one in off)
    return math.fsum(map(mul, off, off[1:])) / squares if squares else 0.0


def _week(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(weeks=1)


def _signed(share: float) -> str:
    return f"{100 * share:+.1f} %"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
