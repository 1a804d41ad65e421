"""Two ways to look at the same weeks at the same marks: ours, and a t-test on the log slope."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import NormalDist, fmean

from gameday.domain.creep import (
    ALPHA,
    LOOK_WEEKS,
    SPAN_WEEKS,
    WEEKS_MIN,
    Series,
    State,
    find_creep,
)
from gameday.domain.figure import Figure

FIRST = datetime(2026, 1, 19, tzinfo=UTC)  # a Monday on which a look ends
Look = Callable[[Mapping[int, float], int], State]
"""What is said of the figures of the weeks before so many weeks from the first."""


def ours(figures: Mapping[int, float], weeks: int) -> State:
    points = [(FIRST + timedelta(weeks=week, days=2), value) for week, value in figures.items()]
    last = Figure(of="watch", name="latency_ms_p50", unit="ms", value=points[-1][1])
    return find_creep(Series(last, tuple(points)), FIRST + timedelta(weeks=weeks)).state


def t_test(figures: Mapping[int, float], weeks: int) -> State:
    """The slope of the logarithms over its standard error, one-sided, at the same alpha."""
    logs = {week: math.log(value) for week, value in figures.items() if week < weeks}
    if len(logs) < WEEKS_MIN:
        return "unknown"
    middle, mean = fmean(logs), fmean(logs.values())
    lever = math.fsum((week - middle) ** 2 for week in logs)
    slope = math.fsum((week - middle) * value for week, value in logs.items()) / lever
    left = (value - mean - slope * (week - middle) for week, value in logs.items())
    error = math.sqrt(math.fsum(one * one for one in left) / (len(logs) - 2) / lever)
    return "worse" if slope > t_needed(len(logs) - 2) * error else "steady"


def t_needed(freedom: int) -> float:
    """Student's quantile for one look, from the normal one (Abramowitz and Stegun, 26.7.5)."""
    z = NormalDist().inv_cdf(1 - ALPHA * LOOK_WEEKS / SPAN_WEEKS)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def first_alarm(look: Look, figures: Mapping[int, float]) -> int | None:
    """The week of the first look that says worse; None where none does in six quarters."""
    marks = range(LOOK_WEEKS, SPAN_WEEKS + 1, LOOK_WEEKS)
    return next((weeks for weeks in marks if look(figures, weeks) == "worse"), None)
