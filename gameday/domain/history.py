"""One run as the history keeps it: what was rehearsed, how it ended, and every figure of it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Self

from gameday.domain.creep import Series
from gameday.domain.figure import Figure, Measure
from gameday.domain.names import Name
from gameday.domain.plan import digest_of
from gameday.domain.record import RunRecord
from gameday.domain.result import CheckResult, Result, WindowResult
from gameday.domain.slo import COST, Slo, Slos, own_measure
from gameday.domain.value import Value
from gameday.domain.verdict import Verdict

CONCLUSIVE = frozenset({Verdict.PASSED, Verdict.FAILED})
"""The verdicts of runs that show how a system is; of others no figure is compared."""

_DRIFTS = frozenset({
    "latency_ms_p95", "error_share", "attempts_per_request", "cost_per_success_usd", "quality",
    "detect_s", "all_good_s", "restore_s",
})  # fmt: skip
_ABOUT = frozenset({"baseline", "faulted", "peak", "responded", "response", "restore"})
_WATCHED = ("baseline", "faulted", "peak", "responded", "recovered")


class Rehearsed(Value):
    """One thing that a run did to the system: a fault or a step of the response, and on what."""

    kind: Name
    on: str
    felt: bool


class HistoryRow(Value):
    """One run.

    folder: the run's own, absolute. drill_digest, target_digest: of the drill and of the target
    file as the run was told them; runs of which they differ are not quite the same rehearsal.
    pruned: whether its folder was taken away since, as its target file says. kept_days: how long
    this row itself is kept; for ever unless said.
    """

    run_id: str
    drill: str
    title: str
    target: str
    environment: str
    verdict: Verdict
    reason: str
    started_at: datetime
    ended_at: datetime
    requested_by: str
    approved_by: str
    closed_by: str
    plan_digest: str
    drill_digest: str
    target_digest: str
    rehearsed: tuple[Rehearsed, ...] = ()
    figures: tuple[Figure, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    folder: str
    pruned: bool = False
    kept_days: int | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether this row itself is kept no longer: not before the run's own folder is gone."""
        if self.kept_days is None or not self.pruned:
            return False
        return now - self.ended_at >= timedelta(days=self.kept_days)

    @classmethod
    def of(cls, result: Result, record: RunRecord, folder: str) -> Self:
        """The row of a run that was judged."""
        shared = cls.model_fields.keys() & Result.model_fields.keys()
        return cls(
            **{name: getattr(result, name) for name in shared},
            drill_digest=digest_of(record.request.drill),
            target_digest=digest_of(record.request.target),
            rehearsed=tuple(_rehearsed(result)),
            figures=tuple(figures_of(result, record)),
            folder=folder,
            kept_days=record.request.target.evidence.history_kept_days,
        )

    @property
    def place(self) -> str:
        return f"{self.target}/{self.environment}"

    def figure(self, key: str) -> Figure | None:
        """The figure of that key, e.g. `faulted latency_ms_p95`; None where it has none."""
        return next((figure for figure in self.figures if figure.key == key), None)


def comparable(rows: Iterable[HistoryRow]) -> list[HistoryRow]:
    """Of runs of one drill on one target, those whose figures tell a trend, the oldest first.

    Those that came to an end, told the same drill as the last one of them: with another load or
    another window other figures are no news.
    """
    ended = sorted(
        (row for row in rows if row.verdict in CONCLUSIVE), key=lambda row: row.started_at
    )
    return [row for row in ended if row.drill_digest == ended[-1].drill_digest]


def series_of(rows: Iterable[HistoryRow]) -> list[Series]:
    """The course over these runs of each figure that is looked at for a drift.

    Not of all: the more are looked at, the longer each must go on to be seen.
    """
    return Series.gather(
        (row.started_at, [one for one in row.figures if one.name in _DRIFTS and one.of in _ABOUT])
        for row in rows
    )


def figures_of(result: Result, record: RunRecord) -> Iterator[Figure]:
    """Every figure of a run, with the objective that the target or the drill sets it."""
    for name in _WATCHED:
        if (window := result.windows.get(name)) is not None and window.n:
            yield from _of_window(name, window, record.request.target.slos)
    yield from _of_response(result, record)


def _rehearsed(result: Result) -> Iterator[Rehearsed]:
    for fault in result.faults:
        yield Rehearsed(kind=fault.kind, on=fault.on, felt=fault.evidence.felt)
    for step in result.response.steps:
        worked = step.called_at is not None and not step.failed and not step.unverified
        yield Rehearsed(kind=step.kind, on=step.on, felt=worked)


def _of_window(name: str, window: WindowResult, slos: Slos) -> Iterator[Figure]:
    bounds = _bounds(slos)
    latency, ttft = window.latency_ms, window.ttft_ms
    measured = {
        "latency_ms_p50": (latency.p50, "ms"),
        "latency_ms_p95": (latency.p95, "ms"),
        "latency_ms_p99": (latency.p99, "ms"),
        "ttft_ms_p95": (ttft.p95, "ms"),
        "error_share": (window.errors / window.n, "share"),
        "attempts_per_request": (window.attempts_per_request, "attempts"),
        "cost_per_success_usd": (window.cost_per_success, "USD"),
    }
    for figure, (value, unit) in measured.items():
        if value is not None:
            yield Figure(of=name, name=figure, value=value, unit=unit, objective=bounds.get(figure))
    if window.quality is not None:
        yield Figure(of=name, name="quality", value=window.quality, unit="share", worse="down")


def _bounds(slos: Slos) -> dict[str, float]:
    """What the target's own objectives ask of the figures of a window."""
    return dict(_bound(name, slo) for name, slo in slos.items() if slo.indicator is None)


def _bound(name: str, slo: Slo) -> tuple[str, float]:
    if slo.at_least is not None:
        return "error_share", round(1 - slo.at_least, 9)
    if slo.usd_at_most is not None:
        return f"{COST}_usd", slo.usd_at_most
    assert slo.at_most is not None
    measure, quantile = own_measure(name)
    return f"{measure}_ms_p{100 * quantile:g}", 1000 * slo.at_most


def _of_response(result: Result, record: RunRecord) -> Iterator[Figure]:
    """How long it took to notice, to decide, and until all was good again.

    From the fault on; of a rehearsal, which has none, from the call of the response.
    """
    clock, fault = result.response, record.inject.confirmed_at if record.inject else None
    since = fault or clock.called_at
    stretches = {
        "detect_s": (fault, clock.detected_at),
        "decide_s": (clock.detected_at, clock.decided_at),
        "first_good_s": (since, clock.first_good_at),
        "all_good_s": (since, clock.all_good_at),
    }
    for name, (start, end) in stretches.items():
        if start is not None and end is not None:
            seconds = max(0.0, (end - start).total_seconds())
            yield Figure(of="response", name=name, value=seconds, unit="s")
    if result.restore.seconds is not None:
        promised = _measures(result).get("recovered_within")
        yield Figure(
            of="restore",
            name="restore_s",
            value=result.restore.seconds,
            unit="s",
            objective=promised and promised.objective,
        )


def _measures(result: Result) -> Mapping[str, Measure]:
    return {check.kind: check.measure for check in result.checks if check.measure}
