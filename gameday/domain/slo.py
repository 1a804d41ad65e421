"""What a target promises its users: objectives, and where the figures for them come from.

The drill's own samples are the usual source. An objective may also be held against what Prometheus
or another system measured: as a ratio of events, as a ratio that is kept ready, or as a figure
that must stay on one side of a bound.
"""

import re
from collections.abc import ItemsView, ValuesView
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, WithJsonSchema, model_validator

from gameday.domain.names import NAME_PATTERN, SecretRef, Url
from gameday.domain.quantities import Seconds, Usd, money_apart
from gameday.domain.value import Value

WINDOW = "{{.window}}"  # in a query: the length of the window that is judged, e.g. `30s`

Share = Annotated[float, Field(gt=0, lt=1, examples=[0.99])]


class PromQuery(Value):
    """One series in Prometheus.

    Asked over the whole window; one with `{{.window}}` in it once, at the window's end.
    """

    query: Annotated[str, Field(min_length=1, max_length=4000)]
    prometheus: Url | None = None  # else the one of the target's `alerts:`
    key: SecretRef | None = None  # sent as a bearer token

    @property
    def at_end(self) -> bool:
        """Whether it is asked once, for the whole window."""
        return WINDOW in self.query


class JsonNumber(Value):
    """One number in a JSON document that a URL answers with, e.g. at `data.answered`."""

    url: Url
    path: Annotated[str, Field(min_length=1, max_length=200, examples=["data.answered"])]
    key: SecretRef | None = None  # sent as a bearer token


Source = PromQuery | JsonNumber


class Ratio(Value):
    """Good (or bad) events of all events."""

    good: Source | None = None
    bad: Source | None = None
    total: Source
    counter: bool = True  # each only ever goes up; else they are amounts of the moment

    @model_validator(mode="after")
    def _one_numerator(self) -> Self:
        if (self.good is None) == (self.bad is None):
            raise ValueError("expected exactly one of good and bad beside total")
        return self


class RawRatio(Value):
    """A ratio that is kept ready as a figure from 0 to 1."""

    raw: Source
    of: Literal["success", "failure"] = "success"


class Threshold(Value):
    """A figure that must stay on one side of a bound."""

    metric: Source
    op: Literal["lte", "gte", "lt", "gt"]
    value: float


class Timeslices(Value):
    """Slices of time are counted instead of events; one is good from a share on."""

    length: Seconds
    target: Annotated[float, Field(gt=0, le=1)]


Indicator = Ratio | RawRatio | Threshold


_TIME_OR_MONEY = {
    "type": "string",
    "pattern": r"^([0-9.]+ *(ms|s|m|h)|\$ *[0-9.]+)$",
    "examples": ["2s", "$0.002"],
}


class Slo(Value):
    """One objective: a share that must be reached, or a time or a cost that must not be passed.

    Without an indicator it is one over the drill's own samples, and its name says which. Money is
    written `at_most: $0.002`, and is kept as `usd_at_most`.
    """

    at_least: Share | None = None
    at_most: Annotated[Seconds | None, WithJsonSchema(_TIME_OR_MONEY)] = None
    usd_at_most: Usd | None = None
    ratio: Ratio | None = None
    raw_ratio: RawRatio | None = None
    threshold: Threshold | None = None
    timeslices: Timeslices | None = None

    @property
    def indicator(self) -> Indicator | None:
        """What another system measures; None for the drill's own samples."""
        return self.ratio or self.raw_ratio or self.threshold

    @property
    def parts(self) -> dict[str, Source]:
        """What is read of it outside, by the part that it plays."""
        match self.indicator:
            case Ratio(good=good, bad=bad, total=total):
                named = {"good": good, "bad": bad, "total": total}
                return {part: source for part, source in named.items() if source is not None}
            case RawRatio(raw=raw):
                return {"raw": raw}
            case Threshold(metric=metric):
                return {"metric": metric}
            case _:
                return {}

    @model_validator(mode="before")
    @classmethod
    def _tell_money_from_time(cls, raw: Any) -> Any:
        return money_apart(raw)

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        bounds = (self.at_least, self.at_most, self.usd_at_most)
        if sum(bound is not None for bound in bounds) != 1:
            raise ValueError("expected exactly one of at_least (a share) and at_most (a time)")
        kinds = [kind for kind in (self.ratio, self.raw_ratio, self.threshold) if kind]
        if len(kinds) > 1:
            raise ValueError("expected at most one of ratio, raw_ratio and threshold")
        if kinds and self.at_least is None:
            raise ValueError("an objective with an indicator takes at_least, a share")
        if self.timeslices and not kinds:
            raise ValueError("timeslices needs one of ratio, raw_ratio and threshold")
        return self


SloName = Literal[
    "availability",
    "latency_p50",
    "latency_p95",
    "latency_p99",
    "ttft_p50",
    "ttft_p95",
    "ttft_p99",
    "cost_per_success",
]
COST = "cost_per_success"
OWN_NAMES: tuple[str, ...] = get_args(SloName)


def _name_the_own(schema: dict[str, Any]) -> None:
    """Put into the schema which names need no indicator, for editors."""
    slo = schema["additionalProperties"]
    schema["properties"] |= dict.fromkeys(OWN_NAMES, slo)
    kinds = [{"required": [kind]} for kind in ("ratio", "raw_ratio", "threshold")]
    schema["additionalProperties"] = {"allOf": [slo, {"anyOf": kinds}]}


class Slos(Value):
    """A target's objectives by name, and the OpenSLO file that brings more."""

    model_config = {"extra": "allow", "json_schema_extra": _name_the_own}
    __pydantic_extra__: dict[str, Slo] = Field(init=False)

    file: str | None = None  # a path, relative to the target file

    def get(self, name: str) -> Slo | None:
        return self.__pydantic_extra__.get(name)

    def items(self) -> ItemsView[str, Slo]:
        return self.__pydantic_extra__.items()

    def values(self) -> ValuesView[Slo]:
        return self.__pydantic_extra__.values()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.__pydantic_extra__)

    def joined_with(self, more: dict[str, Slo]) -> "Slos":
        """These and `more`. Raises ValueError when both have one of a name."""
        if both := self.__pydantic_extra__.keys() & more.keys():
            raise ValueError(f"the objective {min(both)!r} is stated twice")
        return Slos.model_validate({"file": self.file, **self.__pydantic_extra__, **more})

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        for name, slo in self.items():
            if objection := why_not_named(name, measured_outside=slo.indicator is not None):
                raise ValueError(f"slo {name}: {objection}")
            if name in OWN_NAMES and (name == "availability") != (slo.at_least is not None):
                raise ValueError(f"slo {name}: availability takes at_least, a time takes at_most")
            if name in OWN_NAMES and (name == COST) != (slo.usd_at_most is not None):
                raise ValueError(f"slo {name}: {COST} takes at_most: $0.002, and it alone")
        return self


def why_not_named(name: str, *, measured_outside: bool) -> str:
    """Why an objective cannot be called that; '' when it can."""
    if name in OWN_NAMES:
        return "the drill's own samples measure it; give yours another name" * measured_outside
    if not re.fullmatch(NAME_PATTERN, name):
        return "expected a name in small letters, such as answered-well"
    if measured_outside:
        return ""
    return "nothing says what measures it (ratio, raw_ratio or threshold)"


def own_measure(name: str) -> tuple[str, float]:
    """What an objective over own samples looks at, and which share of it must be good.

    `latency_p95` is `("latency", 0.95)`: 95 % of the answers must come within its time.
    """
    measure, _, percent = name.partition("_p")
    return measure, int(percent) / 100


def describe(source: Source) -> str:
    """What is asked, in one line, without a secret."""
    match source:
        case PromQuery(query=query):
            return query
        case JsonNumber(url=url, path=path):
            return f"{path} of {url}"
