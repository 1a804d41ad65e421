"""Works out what a run has cost of each error budget, and whether it would have paged."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

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
from gameday.domain.reading import Reading, events
from gameday.domain.record import RunRecord
from gameday.domain.result import BudgetResult, PageResult
from gameday.domain.sample import Outcome, Sample
from gameday.domain.samples import Samples
from gameday.domain.slo import Slo, own_measure
from gameday.reporting.judging import Judged
from gameday.reporting.wording import burn, long_time

Readings = Mapping[tuple[str, str], Mapping[str, Reading]]
"""By objective and window, then by part."""

Look = Callable[[Samples], tuple[Samples, Samples]]
"""The samples that say something of an objective, and those of them that were bad for it."""


@dataclass(frozen=True)
class _Spent:
    """What one objective is held against: all its events, and how bad the fault's time was."""

    objective: float
    tally: Tally
    bad_share: float  # while the fault was there


@dataclass(frozen=True)
class _Ended:
    """When requests ended, in seconds of the run, as the system's own metrics would count them."""

    samples: Samples
    started_at: datetime
    seconds: int  # that the run lasted

    @cached_property
    def all(self) -> Counter[int]:
        return self.of(self.samples)

    def of(self, samples: Samples) -> Counter[int]:
        return samples.per_second("finished_at", self.started_at)


def make_budgets(
    record: RunRecord,
    judged: Judged,
    recorded: Sequence[Sample],
    readings: Readings = MappingProxyType({}),
) -> Iterator[BudgetResult]:
    """One for each objective of the target; none for a run that broke nothing.

    An objective that others measure has one where their figures of every window tell.
    """
    if record.inject is None:
        return
    samples = Samples.of(recorded)
    seconds = max(1, math.ceil((judged.ended_at - record.started_at).total_seconds()))
    ended = _Ended(samples, record.started_at, seconds)
    fault_s = int((record.inject.confirmed_at - record.started_at).total_seconds())
    for name, slo in record.request.target.slos.items():
        if slo.usd_at_most is not None:  # money has no share of bad events to spend
            continue
        if slo.indicator is not None:
            spent = _of_readings(name, slo, readings, record, seconds)
        else:
            look, objective = _look(name, slo)
            spent = _of_samples(look, samples, judged.at_fault, ended, objective)
        if spent is not None:
            yield _budget(name, spent, fault_s)


def _budget(name: str, spent: _Spent, fault_s: int) -> BudgetResult:
    tally, objective = spent.tally, spent.objective
    return BudgetResult(
        slo=name,
        objective=objective,
        bad=round(sum(tally.bad)),
        total=round(sum(tally.total)),
        budget_spent=budget_spent(tally, objective),
        burn_rate_at_fault=spent.bad_share / (1 - objective),
        alerts=tuple(
            _page(alert, tally, objective, bad_share=spent.bad_share, fault_s=fault_s)
            for alert in STANDARD
        ),
    )


def _of_samples(
    look: Look, samples: Samples, met: Samples, ended: "_Ended", objective: float
) -> _Spent:
    told, bad = look(samples)
    untold = ended.of(samples - told)  # few, so that counting them is quicker
    tally = Tally.of(ended.all - untold, ended.of(bad), ended.seconds)
    told_at_fault, bad_at_fault = look(met)
    bad_share = len(bad_at_fault) / len(told_at_fault) if told_at_fault else 0.0
    return _Spent(objective, tally, bad_share)


def _of_readings(
    name: str, slo: Slo, readings: Readings, record: RunRecord, seconds: int
) -> _Spent | None:
    """By what others measured; None where a window's figures do not tell."""
    assert slo.at_least is not None
    by_window = {
        window: events(slo, parts)
        for (objective, window), parts in readings.items()
        if objective == name
    }
    if not all(by_window.values()) or not by_window.get("faulted"):
        return None
    total, bad = [0.0] * seconds, [0.0] * seconds
    for at_s, many, of_them_bad in (one for found in by_window.values() for one in found):
        second = min(max(int(at_s - record.started_at.timestamp()), 0), seconds - 1)
        total[second] += many
        bad[second] += of_them_bad
    at_fault = by_window["faulted"]
    many = math.fsum(one[1] for one in at_fault)
    bad_share = math.fsum(one[2] for one in at_fault) / many if many else 0.0
    return _Spent(slo.at_least, Tally(total, bad), bad_share)


def _look(name: str, slo: Slo) -> tuple[Look, float]:
    """What is bad for an objective, and the share that must be good."""
    if slo.at_least is not None:
        return _unanswered, slo.at_least
    assert slo.at_most is not None
    measure, share = own_measure(name)
    return _slower(measure, slo.at_most * 1000), share


def _unanswered(samples: Samples) -> tuple[Samples, Samples]:
    asked = samples.stayed.where("outcome", lambda outcome: outcome is not Outcome.UNSENT)
    return asked, asked - asked.good


def _slower(measure: str, at_most_ms: float) -> Look:
    field = "latency_ms" if measure == "latency" else "ttft_ms"

    def look(samples: Samples) -> tuple[Samples, Samples]:
        told = samples.good.where_number(field, (0.0).__le__)  # which a missing one is not
        return told, told.where_number(field, at_most_ms.__lt__)

    return look


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
