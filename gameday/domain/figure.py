"""One number of a run or of a week, with its unit, its objective, and which way is worse."""

from typing import Literal

from gameday.domain.value import Value

Worse = Literal["up", "down"]


class Measure(Value):
    """What a check measured, against what it was to be: both in the same unit."""

    value: float
    objective: float | None = None
    unit: str  # "ms", "s", "USD", "share" (of one), "x" (times) or "calls"
    worse: Worse = "up"

    @property
    def inside(self) -> bool | None:
        """Whether it holds its objective; None where it has none."""
        if self.objective is None:
            return None
        return self.value <= self.objective if self.worse == "up" else self.value >= self.objective


class Figure(Measure):
    """A measure with its name.

    of: the window that it is of, or `response`, `restore`, `watch`, `prometheus`.
    name: the field's word, then the unit: `latency_ms_p95`, `restore_s`.
    """

    of: str
    name: str

    @property
    def key(self) -> str:
        """What one series of it is called: `faulted latency_ms_p95`."""
        return f"{self.of} {self.name}"
