"""Figures of the last runs, of findings and of watches, in Prometheus' text format.

For the textfile collector of a node exporter: a drill is over before anybody could scrape it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from gameday.domain.finding import Finding
from gameday.domain.result import Result, WindowResult
from gameday.domain.standing import Standing
from gameday.domain.verdict import Held, Verdict
from gameday.domain.watch import Watch
from gameday.reporting.inert import inert_line

Labels = Mapping[str, str]
Sampled = tuple[str, Labels, float]

# Every metric and what it says; all are gauges.
ABOUT = {
    "gameday_run_verdict": "1 for the verdict of the last run of this drill, 0 for the others",
    "gameday_run_end_time_seconds": "when the last run of this drill ended",
    "gameday_run_duration_seconds": "how long the last run of this drill took",
    "gameday_check_held": "1 for the answer (held) of a check in the last run, 0 for the others",
    "gameday_window_requests": "requests of a window of the last run",
    "gameday_window_errors": "requests of a window that got no answer",
    "gameday_window_latency_seconds": "latency of a window's good answers, by quantile",
    "gameday_window_quality_ratio": "mean quality of a window; no answer counts as 0",
    "gameday_window_cost_per_success_usd": "US dollars for each answer that passed",
    "gameday_response_seconds": "from the fault to a moment of the response",
    "gameday_restore_bad_seconds": "from the end of the fault to the last bad answer",
    "gameday_error_budget_spent_ratio": "share of an objective's 30 days that the run has spent",
    "gameday_findings": "findings by state: open (overdue ones too), overdue, closed",
    "gameday_watch_changed": "1 while the answers have changed since they were recorded",
    "gameday_watch_outside": "1 while the quality is outside its envelope",
    "gameday_watch_evidence_ratio": "so many to one that the answers have changed",
    "gameday_watch_quality_ratio": "mean quality over the last round of the suite",
    "gameday_watch_blind_ticks": "ticks in a row that could not be compared",
    "gameday_watch_tick_time_seconds": "when the watch last looked",
    "gameday_metrics_written_time_seconds": "when these figures were written",
}


def render_metrics(
    runs: Iterable[Result],
    findings: Iterable[Finding],
    watches: Iterable[tuple[Watch, Standing]],
    now: datetime,
) -> str:
    """The whole file. runs: any number of each drill; of each the last one counts."""
    told = [
        *(sample for result in last_of_each(runs) for sample in _of_run(result)),
        *_of_findings(findings, now.date()),
        *(sample for watch, standing in watches for sample in _of_watch(watch, standing)),
        ("gameday_metrics_written_time_seconds", {}, now.timestamp()),
    ]
    by_name: defaultdict[str, list[Sampled]] = defaultdict(list)
    for sample in told:
        by_name[sample[0]].append(sample)
    return "".join(_family(name, by_name[name]) for name in ABOUT if name in by_name)


def last_of_each(runs: Iterable[Result]) -> Sequence[Result]:
    """The last run of each drill on each target and environment, in the order of their names."""
    last: dict[tuple[str, str, str], Result] = {}
    for result in sorted(runs, key=lambda one: (one.started_at, one.run_id)):
        last[result.target, result.environment, result.drill] = result
    return [last[key] for key in sorted(last)]


def _of_run(result: Result) -> Iterator[Sampled]:
    of = {"target": result.target, "environment": result.environment, "drill": result.drill}
    for verdict in Verdict:
        yield "gameday_run_verdict", {**of, "verdict": verdict}, verdict is result.verdict
    yield "gameday_run_end_time_seconds", of, result.ended_at.timestamp()
    lasted = (result.ended_at - result.started_at).total_seconds()
    yield "gameday_run_duration_seconds", of, lasted
    for check, answers in (_answers(result) if result.happened else {}).items():
        for held in Held:
            # Two checks of one name: each answer that one of them gave is told.
            yield "gameday_check_held", {**of, "check": check, "held": held}, held in answers
    for name, window in result.windows.items():
        yield from _of_window({**of, "window": name}, window)
    for moment, seconds in response_clock(result):
        yield "gameday_response_seconds", {**of, "moment": moment}, seconds
    if result.restore.seconds is not None:
        yield "gameday_restore_bad_seconds", of, result.restore.seconds
    for budget in result.budgets:
        spent = budget.budget_spent
        yield "gameday_error_budget_spent_ratio", {**of, "slo": budget.slo}, spent


def _answers(result: Result) -> dict[str, set[Held]]:
    found: defaultdict[str, set[Held]] = defaultdict(set)
    for check in result.checks:
        found[f"{check.kind} {check.name}".strip()].add(check.held)
    return found


def _of_window(of: Labels, window: WindowResult) -> Iterator[Sampled]:
    yield "gameday_window_requests", of, window.n
    yield "gameday_window_errors", of, window.errors
    latency = window.latency_ms
    for quantile, ms in (("0.5", latency.p50), ("0.95", latency.p95), ("0.99", latency.p99)):
        if ms is not None:
            yield "gameday_window_latency_seconds", {**of, "quantile": quantile}, ms / 1000
    if window.quality is not None:
        yield "gameday_window_quality_ratio", of, window.quality
    if window.cost_per_success is not None:
        yield "gameday_window_cost_per_success_usd", of, window.cost_per_success


def response_clock(result: Result) -> Iterator[tuple[str, float]]:
    """Each moment of the response, in seconds after the fault; nothing where there was none."""
    response = result.response
    armed = (fault.armed_at for fault in result.faults)
    zero = response.injected_at or next(filter(None, armed), None)
    for moment in ("detected", "decided", "called", "first_good", "all_good"):
        at = getattr(response, f"{moment}_at")
        if at is not None and zero is not None:
            yield moment, (at - zero).total_seconds()


def _of_findings(findings: Iterable[Finding], today: date) -> Iterator[Sampled]:
    """Of each place that has any; a place without a finding is not told as none."""
    counted: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(
        lambda: {"open": 0, "overdue": 0, "closed": 0}
    )
    for one in findings:
        states = counted[one.target, one.environment]
        states["open"] += one.closed_at is None
        states["overdue"] += one.overdue(today)
        states["closed"] += one.closed_at is not None
    for (target, environment), states in sorted(counted.items()):
        for state, count in states.items():
            labels = {"target": target, "environment": environment, "state": state}
            yield "gameday_findings", labels, count


def _of_watch(watch: Watch, standing: Standing) -> Iterator[Sampled]:
    of = {"target": watch.target, "environment": watch.environment}
    yield "gameday_watch_blind_ticks", of, standing.blind
    if standing.at is not None:
        yield "gameday_watch_tick_time_seconds", of, standing.at.timestamp()
    if not standing.ticks:
        return  # nothing was compared yet: neither changed nor as before
    yield "gameday_watch_changed", of, standing.changed is not None
    yield "gameday_watch_outside", of, standing.outside is not None
    yield "gameday_watch_evidence_ratio", of, standing.evidence
    if standing.quality is not None:
        yield "gameday_watch_quality_ratio", of, standing.quality


def _family(name: str, samples: Iterable[Sampled]) -> str:
    lines = [f"# HELP {name} {ABOUT[name]}", f"# TYPE {name} gauge"]
    lines += [f"{name}{_labels(labels)} {float(value)!r}" for _, labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text: str) -> str:
    line = inert_line(text, 200)
    return line.replace("\\", "\\\\").replace('"', '\\"')
