"""The highest rate at which something still holds, where a trial may fail by bad luck."""

from collections.abc import Callable
from typing import TypeVar

Held = TypeVar("Held")

_FACTOR = 1.5  # of a step, at first and at most
_FINE = 1.03  # of a step that is not worth taking any more
_CHANCES = 2  # a shared machine stops a process for some milliseconds now and then


def highest(trial: Callable[[float], Held | None], first: float, *, rates_max: int) -> Held | None:
    """What `trial` has found at the highest rate where it held; None when it has not held at all.

    trial: at a rate, what it found, or None when the rate did not hold. At most so many rates are
    looked at: down to one that holds, and up from there. A step that is too high is halved. Two
    that hold one after the other double it again, so that no rate is out of reach for good
    because it failed in a bad moment.
    """
    best: tuple[float, Held] | None = None
    rate, factor, in_a_row = first, _FACTOR, 0
    for _ in range(rates_max):
        held = _with_chances(trial, rate)
        if held is not None:
            best, in_a_row = (rate, held), in_a_row + 1
            factor = min(_FACTOR, factor * factor) if in_a_row > 1 else factor
        elif best is not None:
            in_a_row, factor = 0, factor**0.5
        if factor < _FINE:
            break
        rate = rate / _FACTOR if best is None else best[0] * factor
    return None if best is None else best[1]


def _with_chances(trial: Callable[[float], Held | None], rate: float) -> Held | None:
    chances = (trial(rate) for _ in range(_CHANCES))
    return next((held for held in chances if held is not None), None)
