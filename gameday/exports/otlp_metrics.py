"""The export `otlp_metrics`: a run's figures as metrics of OpenTelemetry."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import fsum
from operator import eq
from typing import Any

from gameday.domain.export import Export, JudgedRun
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.verdict import Held
from gameday.domain.window import Window
from gameday.exports._otlp import Plain, attributes, nanoseconds, provider_name, request_line
from gameday.reporting.judging import cut_run
from gameday.reporting.metrics import response_clock

# The bounds that the conventions advise.
SECONDS = tuple(0.01 * 2**power for power in range(14))
TOKENS = tuple(4.0**power for power in range(14))
DELTA = 1  # the protocol's AggregationTemporality
Point = dict[str, Any]


class OtlpMetrics(Export):
    """Metrics in OTLP/JSON: latency, first token and tokens of each window, and the judgements.

    Histograms carry the names and bounds of the conventions for generative AI, each of one window
    and one provider. A check that nobody can decide has no point: it is neither 0 nor 1.
    """

    def render(self, run: JudgedRun) -> str:
        windows = list(_windows(run))
        told = [
            _histogram("gen_ai.client.operation.duration", "s", _durations(run, windows)),
            _histogram("gen_ai.client.operation.time_to_first_chunk", "s", _waits(run, windows)),
            _histogram("gen_ai.client.token.usage", "{token}", _tokens(run, windows)),
            _gauge("gameday.window.quality", "1", _qualities(run, windows)),
            _gauge("gameday.check.held", "1", _held(run)),
            _gauge("gameday.response.duration", "s", _response(run)),
        ]
        kept = [metric for metric in told if metric is not None]
        return request_line("metrics", "scopeMetrics", run.result, kept)


def _windows(run: JudgedRun) -> Iterator[tuple[Window, str]]:
    """Each window of both groups, with the group's name."""
    experiment = run.samples.experiment
    for group, samples in (("experiment", experiment), ("control", run.samples - experiment)):
        if samples:
            for window in cut_run(run.record, samples, run.result.ended_at).values():
                if window.name != "left":
                    yield window, group


def _durations(run: JudgedRun, windows: Sequence[tuple[Window, str]]) -> Iterator[Point]:
    for window, told, samples in _by_provider(run, windows):
        for outcome in samples.tally("outcome"):
            if outcome is not Outcome.UNSENT:  # no operation of any client
                ended = samples.where("outcome", partial(eq, outcome))
                error = {} if outcome is Outcome.OK else {"error.type": str(outcome)}
                values = [ms / 1000 for ms in ended.numbers("latency_ms")]
                yield _spread(window, {**told, **error}, values, SECONDS)


def _waits(run: JudgedRun, windows: Sequence[tuple[Window, str]]) -> Iterator[Point]:
    for window, told, samples in _by_provider(run, windows):
        values = [ms / 1000 for ms in samples.good.numbers("ttft_ms")]
        if values:
            yield _spread(window, told, values, SECONDS)


def _tokens(run: JudgedRun, windows: Sequence[tuple[Window, str]]) -> Iterator[Point]:
    for window, told, samples in _by_provider(run, windows):
        for sort, name in (("input", "tokens_in"), ("output", "tokens_out")):
            counted = [float(count) for count in samples.good.numbers(name)]
            if any(counted):
                yield _spread(window, {**told, "gen_ai.token.type": sort}, counted, TOKENS)


def _by_provider(
    run: JudgedRun, windows: Sequence[tuple[Window, str]]
) -> Iterator[tuple[Window, dict[str, Plain | None], Samples]]:
    for window, group in windows:
        for served_by in window.samples.tally("served_by"):
            told: dict[str, Plain | None] = {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": provider_name(run.record, served_by),
                "gameday.served_by": served_by,
                "gameday.window": window.name,
                "gameday.group": group,
            }
            yield window, told, window.samples.where("served_by", partial(eq, served_by))


def _qualities(run: JudgedRun, windows: Sequence[tuple[Window, str]]) -> Iterator[Point]:
    for window, group in windows:
        if window.quality is not None:
            told: dict[str, Plain | None] = {"gameday.window": window.name, "gameday.group": group}
            yield _number(run.result.ended_at, told, window.quality)


def _held(run: JudgedRun) -> Iterator[Point]:
    for check in run.result.checks if run.result.happened else ():
        if check.held is not Held.UNKNOWN:
            told: dict[str, Plain | None] = {
                "gameday.check.kind": check.kind,
                "gameday.check.name": check.name,
            }
            yield _number(run.result.ended_at, told, float(check.held is Held.YES))


def _response(run: JudgedRun) -> Iterator[Point]:
    for moment, took_s in response_clock(run.result):
        yield _number(run.result.ended_at, {"gameday.response.moment": moment}, took_s)


def _spread(
    window: Window,
    told: Mapping[str, Plain | None],
    values: Sequence[float],
    bounds: Sequence[float],
) -> Point:
    counts = [0] * (len(bounds) + 1)
    for value in values:
        counts[bisect_left(bounds, value)] += 1
    return {
        "attributes": attributes(told),
        "startTimeUnixNano": nanoseconds(window.started_at),
        "timeUnixNano": nanoseconds(window.ended_at),
        "count": str(len(values)),
        "sum": fsum(values),
        "min": min(values),
        "max": max(values),
        "bucketCounts": [str(count) for count in counts],
        "explicitBounds": list(bounds),
    }


def _number(at: datetime, told: Mapping[str, Plain | None], value: float) -> Point:
    return {"attributes": attributes(told), "timeUnixNano": nanoseconds(at), "asDouble": value}


def _histogram(name: str, unit: str, points: Iterator[Point]) -> dict[str, Any] | None:
    found = list(points)
    body = {"dataPoints": found, "aggregationTemporality": DELTA}
    return {"name": name, "unit": unit, "histogram": body} if found else None


def _gauge(name: str, unit: str, points: Iterator[Point]) -> dict[str, Any] | None:
    found = list(points)
    return {"name": name, "unit": unit, "gauge": {"dataPoints": found}} if found else None
