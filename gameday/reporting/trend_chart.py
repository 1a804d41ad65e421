"""Lays out how one figure went from run to run, as shapes for the template to draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gameday.domain.figure import Figure
from gameday.domain.history import HistoryRow
from gameday.reporting.axes import Tick, even_ticks, make_scale
from gameday.reporting.past import written
from gameday.reporting.wording import clock_time, day

# One drawing for all screens: three of them beside each other, or one across a phone.
WIDTH, HEIGHT = 340.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, 12.0, 12.0, 124.0


@dataclass(frozen=True)
class Dot:
    """One run; its verdict has a shape of its own."""

    x: float
    y: float
    verdict: str
    words: str


@dataclass(frozen=True)
class TrendChart:
    title: str
    description: str  # in words, for those who cannot see it
    ticks: tuple[Tick, ...]
    path: str
    dots: tuple[Dot, ...]
    objective: Tick | None
    first: str
    last: str


def make_trend_chart(key: str, rows: Sequence[HistoryRow]) -> TrendChart | None:
    """The course of the figure of that key; None where fewer than two runs have it.

    rows: the oldest first. Runs stand where their time puts them, so a year without one is seen.
    """
    told = [(row, figure) for row in rows if (figure := row.figure(key)) is not None]
    if len(told) < 2:
        return None
    figures = [figure for _, figure in told]
    objective = figures[-1].objective
    highest = max([*(figure.value for figure in figures), objective or 0.0])
    ticks = even_ticks(highest or 1.0, 3)
    up = make_scale(0.0, ticks[-1], _BOTTOM, _TOP)
    across = _across([row for row, _ in told])
    dots = tuple(_dot(row, figure, across, up) for row, figure in told)
    return TrendChart(
        title=key,
        description=_in_words(told),
        ticks=tuple(Tick(up(value), _tick(figures[-1], value)) for value in ticks),
        path="M" + "L".join(f"{dot.x:g} {dot.y:g}" for dot in dots),
        dots=dots,
        objective=None if objective is None else Tick(up(objective), "objective"),
        first=_when(told[0][0], told[-1][0]),
        last=_when(told[-1][0], told[0][0]),
    )


def _when(row: HistoryRow, other: HistoryRow) -> str:
    """The day; of two runs of one day, the time."""
    days = day(row.started_at), day(other.started_at)
    return clock_time(row.started_at)[:5] if days[0] == days[1] else days[0]


def _across(rows: Sequence[HistoryRow]) -> Callable[[HistoryRow], float]:
    first, last = rows[0].started_at, rows[-1].started_at
    span_s = (last - first).total_seconds()
    scale = make_scale(0.0, span_s or 1.0, _LEFT + 6, WIDTH - _RIGHT - 6)
    return lambda row: scale((row.started_at - first).total_seconds())


def _dot(
    row: HistoryRow,
    figure: Figure,
    across: Callable[[HistoryRow], float],
    up: Callable[[float], float],
) -> Dot:
    words = f"{day(row.started_at)}, run {row.run_id}: {written(figure)}, {row.verdict}"
    return Dot(across(row), up(figure.value), row.verdict, words)


def _tick(figure: Figure, value: float) -> str:
    """Short: the unit is in the title, which is the figure's key."""
    return f"{100 * value:g} %" if figure.key.endswith("_share") else f"{value:,g}"


def _in_words(told: Sequence[tuple[HistoryRow, Figure]]) -> str:
    (first_row, first), (last_row, last) = told[0], told[-1]
    values = [figure.value for _, figure in told]
    bound = f" The objective is {written(_like(last, last.objective))}." * (
        last.objective is not None
    )
    return (
        f"{len(told)} runs. {written(first)} on {day(first_row.started_at)}, {written(last)} on "
        f"{day(last_row.started_at)}; between {written(_like(last, min(values)))} and "
        f"{written(_like(last, max(values)))}.{bound}"
    )


def _like(figure: Figure, value: float | None) -> Figure:
    """Another value of the same figure, to be written as it is."""
    return figure.model_copy(update={"value": value or 0.0})
