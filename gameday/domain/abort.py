"""When a drill ends itself: conditions over the window that goes on, and where each one applies.

Whatever trips one, everything is put back at once; the window does not run to its end first.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from gameday.domain.names import Name
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

Metric = Literal[
    "error_rate",
    "latency_ms_p95",
    "ttft_ms_p95",
    "quality",
    "cost_per_success_usd",
    "served_share",
    "sent_per_s",
    "cost_usd",
    "unmarked_shift",
]
_SHARES = frozenset({"error_rate", "quality", "served_share", "unmarked_shift"})
_AT_ONCE = frozenset({"cost_usd", "unmarked_shift"})  # what has been spent stays spent
_WATCHED = ("baseline", "faulted", "peak", "responded", "recovered")
# A budget and a load that has gone silent matter whatever the window is for. After the restore
# the rest is what the checks judge: ending the window would only take their evidence away. And
# before the fault nobody expects the fallback to serve.
_NOT_WATCHED: dict[str, frozenset[str]] = {
    "cost_usd": frozenset(),
    "no_data": frozenset(),
    "served_share": frozenset({"baseline", "recovered"}),
    "unmarked_shift": frozenset({"baseline", "recovered"}),
}
UNMARKED_SHIFT_MAX = 0.15  # where a drill for marked requests does not say; of all unmarked calls


class AbortCondition(Value):
    """Beyond this, for this long, the drill ends and everything is put back.

    Either a `metric` above or below a bound, or `no_data` for so long.
    """

    metric: Metric | None = None
    of: Name | None = None  # the provider whose share of the good answers is meant
    above: Annotated[float, Field(ge=0)] | None = None
    below: Annotated[float, Field(gt=0)] | None = None
    for_: Annotated[Seconds | None, Field(alias="for")] = None
    no_data: Seconds | None = None

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _is_one_condition(self) -> Self:
        bounds = (self.metric, self.of, self.above, self.below, self.for_)
        if self.no_data is None:
            self._require_metric()
        elif any(bound is not None for bound in bounds):
            raise ValueError("no_data stands alone; write a metric as an entry of its own")
        return self

    def _require_metric(self) -> None:
        if self.metric is None:
            raise ValueError(f"expected no_data or a metric, one of {', '.join(get_args(Metric))}")
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.metric} needs exactly one of above and below")
        if self.metric in _AT_ONCE and (self.for_ is not None or self.above is None):
            raise ValueError(f"{self.metric} acts at once, and takes `above` alone")
        if self.metric not in _AT_ONCE and self.for_ is None:
            raise ValueError(f"{self.metric} needs `for`, such as 10s")
        if (self.metric == "served_share") != (self.of is not None):
            raise ValueError("`of` names the provider of a served_share, and of nothing else")
        self._require_reachable()

    def _require_reachable(self) -> None:
        if self.metric not in _SHARES:
            return
        if self.above is not None and self.above >= 1:
            raise ValueError(
                f"a share such as {self.metric} is never above {self.above:g}; "
                "expected a share below 1, such as 0.5"
            )
        if self.below is not None and self.below > 1:
            raise ValueError(
                f"a share such as {self.metric} is always below {self.below:g}; "
                "expected a share of at most 1, such as 0.5"
            )

    @property
    def name(self) -> str:
        """What it looks at: `error_rate`, `served_share of secondary`, `no_data`."""
        return f"{self.metric or 'no_data'}{f' of {self.of}' if self.of else ''}"

    @property
    def bound(self) -> float:
        return next(b for b in (self.above, self.below, self.no_data) if b is not None)

    def passed_by(self, value: float) -> bool:
        """Whether `value` lies beyond the bound; one that lies on it does not."""
        return value > self.bound if self.above is not None else value < self.bound

    def watches(self, window: str) -> bool:
        """Whether it applies while the window of this name goes on."""
        usual = frozenset({"recovered"})
        return window in _WATCHED and window not in _NOT_WATCHED.get(
            self.metric or "no_data", usual
        )

    def __str__(self) -> str:
        if self.no_data is not None:
            return f"no_data for {self.no_data:g} s"
        side = "above" if self.above is not None else "below"
        lasting = f" for {self.for_:g} s" if self.for_ is not None else ""
        return f"{self.name} {side} {self.bound:g}{lasting}"


# In force where a drill breaks something for marked requests and states no other.
UNMARKED_GUARD = AbortCondition(metric="unmarked_shift", above=UNMARKED_SHIFT_MAX)


@dataclass(frozen=True)
class Tripped:
    """A condition that was met: the condition as it is written, and what was seen."""

    guard: str
    sentence: str
