"""Places values on the picture's axes, and picks the ticks that people expect there."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


Scale = Callable[[float], float]


def make_scale(low: float, high: float, start: float, end: float) -> Scale:
    def place(value: float) -> float:
        share = (value - low) / (high - low)
        return round(start + min(1.0, max(0.0, share)) * (end - start), 1)

    return place


def even_ticks(highest: float, steps: int = 4) -> list[float]:
    """From 0 to at least `highest` in steps of 1, 2, 2.5 or 5 times a power of ten."""
    rough = highest / steps
    power = 10 ** math.floor(math.log10(rough))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= rough * 0.999)
    return [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)]


def log_ticks(low: float, highest: float) -> list[float]:
    last = math.ceil(math.log10(highest) - 1e-9)
    return [10.0**power for power in range(round(math.log10(low)), last + 1)]


def time_step(rough_s: float) -> float:
    nice = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
    return next((step for step in nice if step >= rough_s), rough_s)


def time_label(seconds: float) -> str:
    if seconds == 0:
        return "0"
    sign = "+" if seconds > 0 else "\N{MINUS SIGN}"
    whole = abs(seconds)
    return f"{sign}{whole:g} s" if whole < 120 else f"{sign}{whole / 60:g} min"
