# ruff: noqa: N815 - the names are those of the format
"""The nouns of OpenSLO v1, as far as an objective is made of them, and strict.

Source: the specification of OpenSLO v1 (OpenSLO/OpenSLO, README.md).
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from gameday.domain.value import Value

LABEL_VALUE = str | list[str]
Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}[mhdwMQY]$", examples=["5m"])]


class Metadata(Value):
    name: Annotated[
        str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", examples=["answers-good"])
    ]
    displayName: str = ""
    labels: dict[str, LABEL_VALUE] = {}
    annotations: dict[str, str] = {}


class MetricSource(Value):
    """Where a figure is read; what `spec` holds depends on the type."""

    metricSourceRef: str | None = None
    type: str | None = None
    spec: dict[str, Any] = {}


class Metric(Value):
    metricSource: MetricSource


class RatioMetric(Value):
    counter: bool = False
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    rawType: Literal["success", "failure"] | None = None
    raw: Metric | None = None


class IndicatorSpec(Value):
    description: str = ""
    thresholdMetric: Metric | None = None
    ratioMetric: RatioMetric | None = None


class InlineIndicator(Value):
    """An indicator inside of an SLO."""

    kind: Literal["SLI"] | None = None
    apiVersion: str | None = None
    metadata: Metadata
    spec: IndicatorSpec


class Objective(Value):
    displayName: str = ""
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | int | None = None
    target: Annotated[float | int, Field(gt=0, lt=1)] | None = None
    targetPercent: Annotated[float | int, Field(gt=0, lt=100)] | None = None
    timeSliceTarget: Annotated[float | int, Field(gt=0, le=1)] | None = None
    timeSliceWindow: Duration | Annotated[int, Field(ge=1)] | None = None
    indicator: Any = None
    indicatorRef: str | None = None
    compositeWeight: float | int | None = None


class SloSpec(Value):
    description: str = ""
    service: str = ""
    indicator: InlineIndicator | None = None
    indicatorRef: str | None = None
    timeWindow: list[dict[str, Any]] | None = None
    budgetingMethod: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    objectives: Annotated[list[Objective], Field(min_length=1)]
    alertPolicies: list[Any] | None = None


class DataSourceSpec(Value):
    description: str = ""
    type: str
    connectionDetails: dict[str, Any] = {}


class SloObject(Value):
    apiVersion: str
    kind: Literal["SLO"]
    metadata: Metadata
    spec: SloSpec


class SliObject(Value):
    apiVersion: str
    kind: Literal["SLI"]
    metadata: Metadata
    spec: IndicatorSpec


class DataSourceObject(Value):
    apiVersion: str
    kind: Literal["DataSource"]
    metadata: Metadata
    spec: DataSourceSpec
