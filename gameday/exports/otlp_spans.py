"""The export `otlp_spans`: a run as a trace of OpenTelemetry."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from gameday.domain.export import Export, JudgedRun
from gameday.domain.result import FaultResult, StepResult
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.verdict import Verdict
from gameday.exports._otlp import (
    Plain,
    attributes,
    failed,
    identity,
    nanoseconds,
    provider_name,
    request_line,
)
from gameday.reporting.judging import cut_run

REQUESTS_MAX = 200
INTERNAL, CLIENT = 1, 3  # the protocol's SpanKind
UNSET, OK = 0, 1  # its StatusCode
_MOMENTS = ("detected_at", "decided_at", "called_at", "first_good_at", "all_good_at")


class OtlpSpans(Export):
    """A trace in OTLP/JSON: the run, its phases, the time of each fault, and some requests.

    Requests are spans of the conventions for generative AI: of each way in which one ended the
    first, and then one in many, 200 at most; `gameday.requests.total` says of how many. None
    carries a question or an answer.
    """

    def render(self, run: JudgedRun) -> str:
        phases = list(_phases(run))
        requests = _requests(run, phases)
        spans = [_root(run, len(requests)), *(phase.span(run) for phase in phases)]
        spans += [_fault(run, fault) for fault in run.result.faults if fault.armed_at]
        spans += [_step(run, step) for step in run.result.response.steps if step.called_at]
        return request_line("spans", "scopeSpans", run.result, spans + requests)


class _Phase:
    """One window of observation, or the time between two of them."""

    def __init__(self, name: str, began_at: datetime, ended_at: datetime) -> None:
        self.name, self.began_at, self.ended_at = name, began_at, ended_at

    def has(self, moment: datetime) -> bool:
        return self.began_at <= moment < self.ended_at

    def span(self, run: JudgedRun) -> dict[str, Any]:
        window = run.result.windows.get(self.name)
        told: dict[str, Plain | None] = {"gameday.phase": self.name}
        if window is not None:
            told["gameday.window.requests"] = window.n
            told["gameday.window.errors"] = window.errors
            told["gameday.window.quality"] = window.quality
            told["gameday.window.latency_ms_p95"] = window.latency_ms.p95
        return _span(run, self.name, (self.began_at, self.ended_at), told)


def _phases(run: JudgedRun) -> Iterator[_Phase]:
    windows = cut_run(run.record, run.samples.experiment, run.result.ended_at)
    for name, window in windows.items():
        if name not in {"transition", "left"}:
            yield _Phase(name, window.started_at, window.ended_at)
    changes = {"inject": run.record.inject, "respond": run.record.respond}
    for name, moment in {**changes, "restore": run.record.restore}.items():
        if moment is not None:
            yield _Phase(name, moment.requested_at, moment.confirmed_at)


def _root(run: JudgedRun, exported: int) -> dict[str, Any]:
    result = run.result
    passed = result.verdict is Verdict.PASSED
    told: dict[str, Plain | None] = {
        "gameday.verdict": result.verdict,
        "gameday.reason": result.reason,
        "gameday.plan_digest": result.plan_digest,
        "gameday.requested_by": result.requested_by,
        "gameday.requests.total": len(run.samples),
        "gameday.requests.exported": exported,
    }
    span = _span(run, f"drill {result.drill}", (result.started_at, result.ended_at), told)
    del span["parentSpanId"]
    span["spanId"] = identity(result)
    span["status"] = {"code": OK} if passed else failed(result.reason)
    span["events"] = [*_moments(run), *_judgements(run)]
    return span


def _moments(run: JudgedRun) -> Iterator[dict[str, Any]]:
    """The clock of the response."""
    for name in _MOMENTS:
        moment = getattr(run.result.response, name)
        if moment is not None:
            yield _event(f"gameday.response.{name.removesuffix('_at')}", moment, {})


def _judgements(run: JudgedRun) -> Iterator[dict[str, Any]]:
    for check in run.result.checks if run.result.happened else ():
        told: dict[str, Plain | None] = {
            "gameday.check.kind": check.kind,
            "gameday.check.name": check.name,
            "gameday.check.held": check.held,
            "gameday.check.reason": check.reason,
        }
        yield _event("gameday.check", run.result.ended_at, told)


def _fault(run: JudgedRun, fault: FaultResult) -> dict[str, Any]:
    """From armed to gone. One that nobody saw go ends with the run, and says that it may last."""
    assert fault.armed_at is not None
    gone_at = fault.gone_at or fault.cleared_at
    told: dict[str, Plain | None] = {
        "gameday.fault.id": fault.id,
        "gameday.fault.kind": fault.kind,
        "gameday.fault.on": fault.on,
        "gameday.fault.felt": fault.evidence.felt,
        "gameday.fault.evidence": fault.evidence.sentence,
        "gameday.fault.gone": gone_at is not None,
        "gameday.fault.cleared_by": fault.cleared_by,
    }
    times = (fault.armed_at, gone_at or run.result.ended_at)
    span = _span(run, f"fault {fault.kind}", times, told, fault.id)
    if gone_at is None:
        span["status"] = failed("not known to be gone")
    return span


def _step(run: JudgedRun, step: StepResult) -> dict[str, Any]:
    """As long as what the response set was in force, else until the run ended."""
    assert step.called_at is not None
    told: dict[str, Plain | None] = {
        "gameday.step.kind": step.kind,
        "gameday.step.on": step.on,
        "gameday.step.to": step.to,
        "gameday.step.failed": step.failed or None,
        "gameday.step.cleared_by": step.cleared_by,
    }
    times = (step.called_at, step.cleared_at or run.result.ended_at)
    return _span(run, f"step {step.kind}", times, told, step.id)


def _requests(run: JudgedRun, phases: list[_Phase]) -> list[dict[str, Any]]:
    return [_request(run, sample, phases) for sample in _chosen(run.samples)]


def _chosen(samples: Samples) -> list[Sample]:
    """The first of each way to end, then evenly spread ones; by when they were due."""
    kinds = samples.kinds("group", "attempts", "outcome", "served_by").values()
    first = sorted(kinds, key=lambda one: one.intended_at)[:REQUESTS_MAX]
    found = {(one.generator, one.seq): one for one in first}
    room = REQUESTS_MAX - len(found)
    for place in range(0, len(samples) if room else 0, max(1, -(-len(samples) // max(1, room)))):
        found.setdefault((samples[place].generator, samples[place].seq), samples[place])
    return sorted(found.values(), key=lambda one: (one.intended_at, one.seq))


def _request(run: JudgedRun, sample: Sample, phases: list[_Phase]) -> dict[str, Any]:
    parent = next((phase.name for phase in phases if phase.has(sample.intended_at)), None)
    times = (sample.intended_at, sample.finished_at)
    span = _span(run, "chat", times, _of(run, sample), f"{sample.generator}/{sample.seq}")
    span["kind"] = CLIENT
    if parent is not None:
        span["parentSpanId"] = identity(run.result, parent, "")
    if not sample.good and not sample.left:
        span["status"] = failed(sample.detail)
    span["events"] = [
        _event(
            "gen_ai.evaluation.result",
            sample.finished_at,
            {"gen_ai.evaluation.name": name, "gen_ai.evaluation.score.value": float(score)},
        )
        for name, score in sample.scores.items()
        if score is not None
    ]
    return span


def _of(run: JudgedRun, sample: Sample) -> Mapping[str, Plain | None]:
    wait_ms = sample.ttft_ms
    error = None if sample.good or sample.left else sample.outcome
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider_name(run.record, sample.served_by),
        "gen_ai.response.model": sample.model,
        "gen_ai.response.finish_reasons": [sample.finish_reason] if sample.finish_reason else None,
        "gen_ai.response.time_to_first_chunk": None if wait_ms is None else wait_ms / 1000,
        "gen_ai.usage.input_tokens": sample.tokens_in or None,
        "gen_ai.usage.output_tokens": sample.tokens_out or None,
        "gen_ai.usage.cache_read.input_tokens": sample.tokens_in_cached or None,
        "gen_ai.usage.reasoning.output_tokens": sample.tokens_out_reasoning or None,
        "openai.response.system_fingerprint": sample.fingerprint,
        "http.response.status_code": sample.status,
        "error.type": error,
        "gameday.case": sample.case,
        "gameday.group": sample.group,
        "gameday.outcome": sample.outcome,
        "gameday.served_by": sample.served_by,
        "gameday.version": sample.version,
        "gameday.attempts": [
            f"{one.provider} {one.outcome} {one.elapsed_ms:.0f} ms" for one in sample.attempts
        ]
        or None,
        "gameday.send_lag_ms": sample.send_lag_ms,
        "gameday.cost_usd": sample.cost_usd,
        "gameday.quality": sample.quality,
    }


def _span(
    run: JudgedRun,
    name: str,
    times: tuple[datetime, datetime],
    told: Mapping[str, Plain | None],
    about: str = "",
) -> dict[str, Any]:
    """A span below the run's own. about: tells it from others of its name."""
    result, began_at = run.result, times[0]
    return {
        "traceId": identity(result, "trace", length=16),
        "spanId": identity(result, name, about),
        "parentSpanId": identity(result),
        "name": name,
        "kind": INTERNAL,
        "startTimeUnixNano": nanoseconds(began_at),
        "endTimeUnixNano": nanoseconds(max(times)),
        "attributes": attributes(told),
        "status": {"code": UNSET},
    }


def _event(name: str, at: datetime, told: Mapping[str, Plain | None]) -> dict[str, Any]:
    return {"name": name, "timeUnixNano": nanoseconds(at), "attributes": attributes(told)}
