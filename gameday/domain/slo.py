"""What a target promises its users: objectives over the drill's own samples."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.quantities import Seconds
from gameday.domain.value import Value


class Slo(Value):
    """One objective: a share that must be reached, or a time that must not be passed."""

    at_least: Annotated[float, Field(gt=0, lt=1)] | None = None
    at_most: Seconds | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("expected exactly one of at_least (a share) and at_most (a time)")
        return self


SloName = Literal[
    "availability", "latency_p50", "latency_p95", "latency_p99", "ttft_p50", "ttft_p95", "ttft_p99"
]


def own_measure(name: str) -> tuple[str, float]:
    """What an objective over own samples looks at, and which share of it must be good.

    `latency_p95` is `("latency", 0.95)`: 95 % of the answers must come within its time.
    """
    measure, _, percent = name.partition("_p")
    return measure, int(percent) / 100
