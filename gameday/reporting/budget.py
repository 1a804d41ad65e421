"""Works out what a run has cost of each error budget, and whether it would have paged."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from gameday.domain.burn import (
    STANDARD,
    BurnAlert,
    Burnt,
    Tally,
    budget_spent,
    can_ever_fire,
    needed_s,
    watch_burn,
)
from gameday.domain.record import RunRecord
from gameday.domain.result import BudgetResult, PageResult
from gameday.domain.sample import Outcome, Sample
from gameday.domain.slo import Slo, own_measure
from gameday.reporting.judging import Judged, samples_at_fault
from gameday.reporting.wording import burn, long_time

IsBad = Callable[[Sample], bool | None]
"""Whether a sample was bad for an objective; None where it says nothing of it."""


def make_budgets(
    record: RunRecord, judged: Judged, samples: Sequence[Sample]
) -> Iterator[BudgetResult]:
    """One for each objective of the target; none for a run that broke nothing."""
    if record.inject is None:
        return
    met = samples_at_fault(record, judged.windows)
    seconds = max(1, math.ceil((judged.ended_at - record.started_at).total_seconds()))
    fault_s = int((record.inject.confirmed_at - record.started_at).total_seconds())
    for name, slo in record.request.target.slos.items():
        is_bad, objective = _look(name, slo)
        tally = Tally.of(_events(record, samples, is_bad), seconds)
        at_fault = [bad for sample in met if (bad := is_bad(sample)) is not None]
        bad_share = sum(at_fault) / len(at_fault) if at_fault else 0.0
        yield BudgetResult(
            slo=name,
            objective=objective,
            bad=sum(tally.bad),
            total=sum(tally.total),
            budget_spent=budget_spent(tally, objective),
            burn_rate_at_fault=bad_share / (1 - objective),
            alerts=tuple(
                _page(alert, tally, objective, bad_share=bad_share, fault_s=fault_s)
                for alert in STANDARD
            ),
        )


def _look(name: str, slo: Slo) -> tuple[IsBad, float]:
    """What is bad for an objective, and the share that must be good."""
    if slo.at_least is not None:
        return _unanswered, slo.at_least
    assert slo.at_most is not None
    measure, share = own_measure(name)
    return _slower(measure, slo.at_most * 1000), share


def _unanswered(sample: Sample) -> bool | None:
    asked = not sample.left and sample.outcome is not Outcome.UNSENT
    return not sample.good if asked else None


def _slower(measure: str, at_most_ms: float) -> IsBad:
    def is_bad(sample: Sample) -> bool | None:
        took_ms = sample.latency_ms if measure == "latency" else sample.ttft_ms
        return took_ms > at_most_ms if sample.good and took_ms is not None else None

    return is_bad


def _events(
    record: RunRecord, samples: Iterable[Sample], is_bad: IsBad
) -> Iterator[tuple[float, bool]]:
    """When each request ended, as the system's own metrics would count it, and whether badly."""
    for sample in samples:
        if (bad := is_bad(sample)) is not None:
            yield (sample.finished_at - record.started_at).total_seconds(), bad


def _page(
    alert: BurnAlert, tally: Tally, objective: float, *, bad_share: float, fault_s: int
) -> PageResult:
    seen = watch_burn(tally, alert, objective)
    needed = needed_s(alert, objective, bad_share)
    return PageResult(
        severity=alert.severity,
        factor=alert.factor,
        short_s=alert.short_s,
        long_s=alert.long_s,
        fired_after_s=None if seen.fired_s is None else float(max(0, seen.fired_s - fault_s)),
        burn_short_max=seen.short_max,
        burn_long_max=seen.long_max,
        needed_s=needed,
        sentence=_sentence(alert, seen, tally, objective, bad_share=bad_share, fault_s=fault_s),
    )


def _sentence(
    alert: BurnAlert, seen: Burnt, tally: Tally, objective: float, *, bad_share: float, fault_s: int
) -> str:
    rings = "paged" if alert.severity == "page" else "opened a ticket"
    if not any(tally.total):
        return "not known: no request was recorded that could tell"
    if seen.fired_s is not None:
        after = long_time(max(0, seen.fired_s - fault_s))
        return f"would have {rings} {after} after the fault came: {_reached(alert, seen)}"
    return f"would not have {rings}: {_why_not(alert, seen, objective, bad_share)}"


def _reached(alert: BurnAlert, seen: Burnt) -> str:
    return (
        f"the burn reached {burn(seen.short_max)} over {long_time(alert.short_s)} and "
        f"{burn(seen.long_max)} over {long_time(alert.long_s)}"
    )


def _why_not(alert: BurnAlert, seen: Burnt, objective: float, bad_share: float) -> str:
    """Why it did not fire, and how long the fault would have to last until it does."""
    if not can_ever_fire(alert, objective):
        return (
            f"it never can; with an objective of {100 * objective:g} % a total outage burns "
            f"{burn(1 / (1 - objective))}, and more than {alert.factor:g}x is needed"
        )
    if bad_share == 0:
        return "nothing was bad while the fault was there"
    bad = f"{100 * bad_share:.1f} % bad"
    lasted_s = needed_s(alert, objective, bad_share)
    if lasted_s is None:
        return (
            f"however long it lasted, {bad} burn {burn(bad_share / (1 - objective))}, and more "
            f"than {alert.factor:g}x is needed"
        )
    return f"{_reached(alert, seen)}; at {bad} the fault would have to last {long_time(lasted_s)}"
