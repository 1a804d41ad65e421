"""Reads the objectives in an OpenSLO v1 file, and refuses what it cannot hold, with the place.

Services and alerting objects say nothing of an objective and are passed over. Everything else
that cannot be carried out is refused: an objective that is half understood would be another one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from gameday.catalog.loading import located, whole
from gameday.catalog.misfit import Misfit
from gameday.catalog.nearest import did_you_mean
from gameday.catalog.openslo_nouns import (
    DataSourceObject,
    IndicatorSpec,
    Metric,
    Objective,
    RatioMetric,
    SliObject,
    SloObject,
)
from gameday.catalog.yaml_reader import Document, Where, read_documents
from gameday.domain.errors import FileError
from gameday.domain.names import Url
from gameday.domain.slo import (
    JsonNumber,
    PromQuery,
    Ratio,
    RawRatio,
    Slo,
    Source,
    Threshold,
    Timeslices,
)

API = "openslo/v1"
PASSED_OVER = ("Service", "AlertPolicy", "AlertCondition", "AlertNotificationTarget")
KINDS = ("SLO", "SLI", "DataSource", *PASSED_OVER)
SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
SECONDS |= {"M": 2_592_000, "Q": 7_776_000, "Y": 31_536_000}
_NEXT = "write that objective in gameday.yaml itself; see docs/alerts.md"
_URL: TypeAdapter[str] = TypeAdapter(Url)

Made = TypeVar("Made", bound=SliObject | DataSourceObject)


def load_openslo(path: Path) -> dict[str, Slo]:
    """The objectives in `path` by name. Raises FileError."""
    return _File(read_documents(path, next_step=_NEXT)).slos()


@dataclass(frozen=True)
class _Place:
    """A part of a document that is being read."""

    document: Document
    where: Where

    def at(self, *more: str | int) -> "_Place":
        return _Place(self.document, (*self.where, *more))

    def error(self, sentence: str, *, at_key: bool = False) -> FileError:
        return located(self.document, Misfit(self.where, sentence, at_key=at_key))


class _File:
    """All documents of one file: an SLO may refer to indicators and data sources of the others."""

    def __init__(self, documents: list[Document]) -> None:
        self._slos: list[tuple[SloObject, Document]] = []
        self._slis: dict[str, tuple[SliObject, Document]] = {}
        self._sources: dict[str, tuple[DataSourceObject, Document]] = {}
        for document in documents:
            try:
                self._take(document)
            except Misfit as misfit:
                raise located(document, misfit) from misfit

    def _take(self, document: Document) -> None:
        match _kind(document):
            case "SLO":
                self._slos.append((whole(SloObject, document), document))
            case "SLI":
                self._keep(self._slis, whole(SliObject, document), document)
            case "DataSource":
                self._keep(self._sources, whole(DataSourceObject, document), document)

    def _keep(self, kept: dict[str, tuple[Made, Document]], made: Made, document: Document) -> None:
        name = made.metadata.name
        if name in kept:
            first = kept[name][1].values["metadata", "name"].line
            sentence = f"duplicate {made.kind} {name!r}; the first is on line {first}"
            raise Misfit(("metadata", "name"), sentence)
        kept[name] = (made, document)

    def slos(self) -> dict[str, Slo]:
        found: dict[str, Slo] = {}
        for slo, document in self._slos:
            for name, made in self._objectives(slo, document):
                if name in found:
                    place = _Place(document, ("metadata", "name"))
                    raise place.error(f"duplicate objective {name!r}")
                found[name] = made
        return found

    def _objectives(self, slo: SloObject, document: Document) -> Iterator[tuple[str, Slo]]:
        spec, place = slo.spec, _Place(document, ("spec",))
        if spec.budgetingMethod == "RatioTimeslices":
            sentence = "RatioTimeslices is not supported; expected Occurrences or Timeslices"
            raise place.at("budgetingMethod").error(sentence)
        for number, objective in enumerate(spec.objectives):
            _refuse_composite(objective, place.at("objectives", number))
        indicator, at = self._indicator(slo, place)
        if indicator.thresholdMetric is not None and len(spec.objectives) > 1:
            sentence = "a thresholdMetric takes one objective; write one SLO for each"
            raise place.at("objectives", 1).error(sentence)
        for number, objective in enumerate(spec.objectives):
            there = place.at("objectives", number)
            suffix = f"-{number + 1}" if len(spec.objectives) > 1 else ""
            given = {
                "at_least": _target(objective, there),
                "timeslices": _timeslices(spec.budgetingMethod, objective, there),
            }
            made = _slo(objective, there, self._measured(indicator, at), given)
            yield slo.metadata.name + suffix, made

    def _indicator(self, slo: SloObject, place: _Place) -> tuple[IndicatorSpec, _Place]:
        spec = slo.spec
        if (spec.indicator is None) == (spec.indicatorRef is None):
            raise place.error("expected exactly one of indicator and indicatorRef")
        if spec.indicator is not None:
            return spec.indicator.spec, place.at("indicator", "spec")
        ref = str(spec.indicatorRef)
        if ref not in self._slis:
            nearest = did_you_mean(ref, self._slis)
            raise place.at("indicatorRef").error(f"this file has no SLI {ref!r}{nearest}")
        sli, document = self._slis[ref]
        return sli.spec, _Place(document, ("spec",))

    def _measured(self, indicator: IndicatorSpec, at: _Place) -> Source | Ratio | RawRatio:
        """What an indicator measures; a threshold's bound is not in it, but in the objective."""
        if (indicator.thresholdMetric is None) == (indicator.ratioMetric is None):
            raise at.error("expected exactly one of thresholdMetric and ratioMetric")
        if indicator.thresholdMetric is not None:
            return self._source(indicator.thresholdMetric, at.at("thresholdMetric"))
        assert indicator.ratioMetric is not None
        return self._ratio(indicator.ratioMetric, at.at("ratioMetric"))

    def _ratio(self, ratio: RatioMetric, at: _Place) -> Ratio | RawRatio:
        parts = {
            part: self._source(metric, at.at(part))
            for part in ("good", "bad", "total", "raw")
            if (metric := getattr(ratio, part)) is not None
        }
        if parts.keys() == {"raw"}:
            if ratio.rawType is None:
                raise at.error("raw needs rawType: success or failure")
            return RawRatio(raw=parts["raw"], of=ratio.rawType)
        if parts.keys() not in ({"good", "total"}, {"bad", "total"}):
            found = ", ".join(parts) or "none of them"
            raise at.error(f"expected good and total, bad and total, or raw; found {found}")
        if ratio.rawType is not None:
            raise at.at("rawType").error("rawType belongs to raw")
        return Ratio(**parts, counter=ratio.counter)

    def _source(self, metric: Metric, at: _Place) -> Source:
        source, at = metric.metricSource, at.at("metricSource")
        kind, connection = source.type, {}
        if (ref := source.metricSourceRef) is not None:
            if ref not in self._sources:
                nearest = did_you_mean(ref, self._sources)
                sentence = f"this file has no DataSource {ref!r}{nearest}"
                raise at.at("metricSourceRef").error(sentence)
            named = self._sources[ref][0].spec
            kind, connection = kind or named.type, named.connectionDetails
        match (kind or "").lower():
            case "prometheus":
                return _prom_query(source.spec, connection, at.at("spec"))
            case "json":
                return _json_number(source.spec, connection, at.at("spec"))
        raise at.at("type").error(
            f"metric source type {kind!r} is not supported; expected Prometheus or JSON"
        )


def _kind(document: Document) -> str:
    raw = document.raw if isinstance(document.raw, dict) else {}
    version, kind = raw.get("apiVersion"), raw.get("kind")
    if version != API:
        found = f"found apiVersion {version!r}" if version else "found no apiVersion"
        raise Misfit(("apiVersion",), f"{found}; expected {API}")
    if kind not in KINDS:
        nearest = did_you_mean(str(kind), KINDS)
        raise Misfit(("kind",), f"unknown kind {kind!r}{nearest}")
    return str(kind)


def _slo(
    objective: Objective,
    place: _Place,
    measured: Source | Ratio | RawRatio,
    given: dict[str, Any],
) -> Slo:
    if isinstance(measured, Ratio | RawRatio):
        if objective.op in ("lt", "lte") or objective.value is not None:
            raise place.error("op and value belong to a thresholdMetric; a ratio has its target")
        kind = "ratio" if isinstance(measured, Ratio) else "raw_ratio"
        return Slo.model_validate({kind: measured, **given})
    if objective.op is None or objective.value is None:
        raise place.error("an objective of a thresholdMetric needs op and value")
    threshold = Threshold(metric=measured, op=objective.op, value=float(objective.value))
    return Slo(threshold=threshold, **given)


def _refuse_composite(objective: Objective, place: _Place) -> None:
    for key in ("indicator", "indicatorRef", "compositeWeight"):
        if getattr(objective, key) is not None:
            sentence = (
                f"a composite SLO ({key} in an objective) is not supported; write an SLO each"
            )
            raise place.at(key).error(sentence)


def _target(objective: Objective, place: _Place) -> float:
    if (objective.target is None) == (objective.targetPercent is None):
        raise place.error("expected exactly one of target and targetPercent")
    if objective.target is not None:
        return float(objective.target)
    assert objective.targetPercent is not None
    return round(float(objective.targetPercent) / 100, 12)


def _timeslices(method: str, objective: Objective, place: _Place) -> Timeslices | None:
    window, target = objective.timeSliceWindow, objective.timeSliceTarget
    if method == "Occurrences":
        if window is not None or target is not None:
            raise place.error("timeSliceTarget and timeSliceWindow belong to Timeslices")
        return None
    if window is None or target is None:
        raise place.error("Timeslices needs timeSliceTarget and timeSliceWindow")
    # A bare number is minutes.
    seconds = window * 60 if isinstance(window, int) else int(window[:-1]) * SECONDS[window[-1]]
    return Timeslices(length=f"{seconds}s", target=float(target))


def _prom_query(spec: dict[str, Any], connection: dict[str, Any], at: _Place) -> PromQuery:
    _refuse_others(spec, ("query",), at)
    query = spec.get("query")
    if not isinstance(query, str) or not query.strip():
        raise at.error("a Prometheus source needs a query")
    return PromQuery(query=query.strip(), prometheus=_url(connection, at))


def _json_number(spec: dict[str, Any], connection: dict[str, Any], at: _Place) -> JsonNumber:
    _refuse_others(spec, ("url", "path"), at)
    url, path = _url(spec, at) or _url(connection, at), spec.get("path")
    if url is None or not isinstance(path, str) or not path:
        raise at.error("a JSON source needs a url (or a DataSource that has one) and a path")
    return JsonNumber(url=url, path=path)


def _refuse_others(spec: dict[str, Any], known: tuple[str, ...], at: _Place) -> None:
    for key in spec:
        if key not in known:
            nearest = did_you_mean(key, known)
            raise at.at(key).error(f"unknown key {key!r}{nearest}", at_key=True)


def _url(details: dict[str, Any], at: _Place) -> str | None:
    url = details.get("url")
    try:
        return None if url is None else _URL.validate_python(url)
    except ValidationError as error:
        raise at.error(f"the url {url!r} is none; expected http:// or https://") from error
