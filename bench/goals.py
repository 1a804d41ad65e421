"""Ratios beside peers, the bounds that figures must keep, and whether they do.

A figure that could not be measured, because a peer is missing, meets nothing: its goal is
`unknown`, never `yes`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True)
class Ratio:
    """One of our figures over the same figure of somebody else."""

    name: str
    above: Path
    below: Path


@dataclass(frozen=True)
class Goal:
    """What one number must be at most, at least, or exactly: one of the three."""

    name: str
    at_most: float | None = None
    at_least: float | None = None
    exactly: float | None = None
    figure: Path = ()  # where it stands; without one it is the ratio of that name

    def met(self, value: float | None) -> str:
        if value is None:
            return "unknown"
        if self.exactly is not None:
            return "yes" if value == self.exactly else "no"
        if self.at_least is not None:
            return "yes" if value >= self.at_least else "no"
        assert self.at_most is not None
        return "yes" if value <= self.at_most else "no"

    @property
    def bound(self) -> str:
        bounds = {"=": self.exactly, ">=": self.at_least, "<=": self.at_most}
        return next(f"{sign} {value:g}" for sign, value in bounds.items() if value is not None)


def ratios(figures: Figures, wanted: Iterable[Ratio]) -> dict[str, float | None]:
    """None where either side was not measured, or the lower one is no positive number."""
    found: dict[str, float | None] = {}
    for ratio in wanted:
        above, below = look_up(figures, ratio.above), look_up(figures, ratio.below)
        if above is None or below is None or below <= 0:
            found[ratio.name] = None
        else:
            found[ratio.name] = round(above / below, 4)
    return found


def judged(
    figures: Figures, found: dict[str, float | None], wanted: Iterable[Goal]
) -> dict[str, dict[str, Any]]:
    """Each goal by its name: `{"value", "bound", "met"}`, met being yes, no or unknown."""
    judgement: dict[str, dict[str, Any]] = {}
    for goal in wanted:
        value = look_up(figures, goal.figure) if goal.figure else found[goal.name]
        judgement[goal.name] = {"value": value, "bound": goal.bound, "met": goal.met(value)}
    return judgement


def look_up(figures: Figures, path: Path) -> float | None:
    """The number at the end of the path; None when there is none."""
    value: Any = figures
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, int | float) else None
