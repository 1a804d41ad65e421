"""The highest rate at which something still holds, found by steps."""

from collections.abc import Callable
from typing import TypeVar

Held = TypeVar("Held")

_FACTOR = 1.5  # of a step up or down
_CHANCES = 2  # a shared machine stops a process for some milliseconds now and then


def highest(
    trial: Callable[[float], Held | None], first: float, steps: int, halvings: int
) -> Held | None:
    """What `trial` has found at the highest rate where it held; None when it has not held at all.

    trial: at a rate, what it found, or None when the rate did not hold. From the first rate at
    most so many steps up, or down to where it holds; then so many halvings of what is left open.
    """
    found: dict[float, Held | None] = {}

    def look_at(rate: float) -> None:
        chances = (trial(rate) for _ in range(_CHANCES))
        found[rate] = next((held for held in chances if held is not None), None)

    look_at(first)
    for _ in range(steps):
        below, above = _bracket(found)
        if below is None or above is None:
            look_at(below * _FACTOR if below is not None else min(found) / _FACTOR)
    for _ in range(halvings):
        below, above = _bracket(found)
        if below is not None and above is not None:
            look_at((below * above) ** 0.5)
    below, _ = _bracket(found)
    return None if below is None else found[below]


def _bracket(found: dict[float, Held | None]) -> tuple[float | None, float | None]:
    """The highest rate that held, and the lowest that did not; None where there is none."""
    held = [rate for rate, what in found.items() if what is not None]
    failed = [rate for rate, what in found.items() if what is None]
    return max(held, default=None), min(failed, default=None)
