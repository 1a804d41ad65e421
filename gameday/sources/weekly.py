"""The weeks behind a target's objectives, as its Prometheus has them: to see a slow drift in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from gameday.domain.creep import SPAN_WEEKS, Series
from gameday.domain.errors import SourceError
from gameday.domain.figure import Figure, Worse
from gameday.domain.reading import Point
from gameday.domain.slo import WINDOW, PromQuery, Ratio, RawRatio, Slo, Threshold
from gameday.domain.target import Target
from gameday.sources.burning import watched_slos
from gameday.sources.readings import Secrets, prometheus_of

_WEEK_S = 7 * 86_400.0
_MONDAY_S = 4 * 86_400.0  # the first Monday after the epoch's beginning


class Weeks(NamedTuple):
    """One objective's weeks, or why there are none."""

    slo: str
    series: Series | None
    why: str = ""


async def read_weeks(target: Target, secret: Secrets, now: datetime) -> list[Weeks]:
    """Each objective's that Prometheus measures. Asks one query for each part of it, and no more.

    Of a ratio it is the share that was bad, of a figure with a bound the figure itself.
    """
    found = []
    for name in watched_slos(target):
        slo = target.slos.get(name)
        assert slo is not None
        try:
            points = {part: await _read(target, slo, part, secret, now) for part in slo.parts}
        except SourceError as error:
            found.append(Weeks(name, None, error.sentence))
            continue
        figures = _figures(name, slo, points)
        why = "" if figures else "Prometheus has no figure of any whole week"
        found.append(Weeks(name, next(iter(Series.gather(figures)), None), why))
    return found


async def _read(
    target: Target, slo: Slo, part: str, secret: Secrets, now: datetime
) -> Mapping[float, float]:
    source = slo.parts[part]
    assert isinstance(source, PromQuery)
    end_s = (now.timestamp() - _MONDAY_S) // _WEEK_S * _WEEK_S + _MONDAY_S
    prometheus = prometheus_of(target, source, secret)
    query = weekly_query(source, counter=isinstance(slo.indicator, Ratio) and slo.indicator.counter)
    start_s = end_s - (SPAN_WEEKS + 4) * _WEEK_S
    series = await prometheus.query_range(query, start_s, end_s, _WEEK_S)
    return dict(_finite(series.points))


def weekly_query(source: PromQuery, *, counter: bool) -> str:
    """The figure of the week that ends when it is asked."""
    if source.at_end:
        return source.query.replace(WINDOW, "1w")
    over = "increase" if counter else "avg_over_time"
    return f"{over}(({source.query})[1w:10m])"


def _figures(
    name: str, slo: Slo, points: Mapping[str, Mapping[float, float]]
) -> list[tuple[datetime, list[Figure]]]:
    """Week by week, each at its middle: a moment that is within it, wherever weeks begin."""
    told = []
    for end_s in sorted(set.intersection(*(set(series) for series in points.values()))):
        at = datetime.fromtimestamp(end_s - _WEEK_S / 2, UTC)
        value = _value(slo, {part: series[end_s] for part, series in points.items()})
        if value is not None:
            told.append((at, [_figure(name, slo, value)]))
    return told


def _value(slo: Slo, parts: Mapping[str, float]) -> float | None:
    match slo.indicator:
        case Threshold():
            return parts["metric"]
        case RawRatio(of=of):
            return parts["raw"] if of == "failure" else 1 - parts["raw"]
        case _:
            if parts["total"] <= 0:  # a week without an event tells nothing
                return None
            bad = parts["bad"] if "bad" in parts else parts["total"] - parts["good"]
            return bad / parts["total"]


def _figure(name: str, slo: Slo, value: float) -> Figure:
    if isinstance(slo.indicator, Threshold):
        worse: Worse = "up" if slo.indicator.op in {"lte", "lt"} else "down"
        bound = slo.indicator.value
        return Figure(
            of="prometheus", name=name, value=value, objective=bound, unit="", worse=worse
        )
    assert slo.at_least is not None
    bad = f"{name}_bad_share"
    objective = round(1 - slo.at_least, 9)
    return Figure(of="prometheus", name=bad, value=value, objective=objective, unit="share")


def _finite(points: tuple[Point, ...]) -> list[Point]:
    return [point for point in points if point[1] - point[1] == 0]
