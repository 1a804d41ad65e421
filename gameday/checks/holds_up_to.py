"""Judges up to which rate the system holds one of the target's objectives."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gameday.checks._figures import beside
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import NEARLY, Planned
from gameday.domain.quantities import Rate
from gameday.domain.sample import Sample
from gameday.domain.slo import Slo, own_measure
from gameday.domain.statistics import chance_of, percentile, requests_for_percentile

# Objectives over what one request alone can hold or miss; a cost is none of them.
Measured = Literal[
    "availability", "latency_p50", "latency_p95", "latency_p99", "ttft_p50", "ttft_p95", "ttft_p99"
]
STRETCH_REQUESTS = 50
# Dozens of stretches are looked at: what an objective forgives must explain each a little.
_CHANCE_MIN = 0.001


class HoldsUpTo(Check):
    """An objective holds while the load goes up, and at the stated rate.

    The window is judged in stretches of 50 requests, so that the answer names the rate at which
    it broke by more than chance. All requests at the stated rate are judged as one.
    """

    name: Measured
    rate: Rate

    def judge(self, seen: Seen) -> Finding:
        objective = seen.target.slos.get(self.name)
        if objective is None:
            return unknown(f"the target states no objective {self.name}")
        if objective.indicator is not None:
            return unknown(self._measured_elsewhere())
        window = seen.window("faulted")
        if window is None:
            return unknown("no request was observed while the load was going up")
        rated = [_Rated(sample, seen.rate_at(sample.intended_at)) for sample in window.samples]
        top = [one for one in rated if one.per_s >= NEARLY * self.rate]
        promise = _Promise(self.name, objective)
        stretches = list(self._stretches(rated, promise))
        broken = next((s for s in stretches if s.is_out), None)
        if broken is None and len(top) >= promise.requests_min:
            at_rate = promise.stretch(top)
            if at_rate.holds:
                return yes_if(True, self._held(at_rate, stretches))
            broken = at_rate
        if broken is not None:
            return yes_if(False, self._broke(broken, stretches, promise))
        return unknown(
            f"{len(top)} requests came at {self.rate:g}/s, and {promise.requests_min} are needed "
            f"to tell {self.name} there{self._so_far(stretches)}"
        )

    def _stretches(self, rated: Sequence["_Rated"], promise: "_Promise") -> Iterator["_Stretch"]:
        """One after the other in time; those at the stated rate are no part of those below it."""
        for _, group in itertools.groupby(rated, lambda one: one.per_s >= NEARLY * self.rate):
            several = list(group)
            count = max(1, len(several) // STRETCH_REQUESTS)
            edges = [round(place * len(several) / count) for place in range(count + 1)]
            for start, end in itertools.pairwise(edges):
                yield promise.stretch(several[start:end])

    def _broke(
        self, broken: "_Stretch", stretches: Sequence["_Stretch"], promise: "_Promise"
    ) -> str:
        before = itertools.takewhile(lambda stretch: not stretch.is_out, stretches)
        held = max((s.high for s in before if s.low < broken.low), default=None)
        how_far = "it never held" if held is None else f"it held up to {held:.3g}/s"
        return (
            f"{self.name} broke at {broken.rates}: {broken.figure} of {broken.n} requests "
            f"(objective {promise.bound}); {how_far}, {self.rate:g}/s are wanted"
        )

    def _held(self, at_rate: "_Stretch", stretches: Sequence["_Stretch"]) -> str:
        worst = max((*stretches, at_rate), key=lambda stretch: stretch.bad / stretch.n)
        return (
            f"{self.name} held up to {self.rate:g}/s: {at_rate.figure} of {at_rate.n} requests "
            f"there; the worst stretch was {worst.figure}, at {worst.rates}"
        )

    def _so_far(self, stretches: Sequence["_Stretch"]) -> str:
        if not stretches:
            return ""
        return f"; it held up to {max(stretch.high for stretch in stretches):.3g}/s"

    def _measured_elsewhere(self) -> str:
        return (
            f"{self.name} is measured by another system, which does not know at which rate each "
            "request came; name an objective over the drill's own samples"
        )

    def cannot_decide(self, planned: Planned) -> str:
        objective = planned.target.slos.get(self.name)
        if objective is None:
            return f"the target states no objective {self.name}"
        if objective.indicator is not None:
            return self._measured_elsewhere()
        needed = _Promise(self.name, objective).requests_min
        too_few = planned.too_few_at("faulted", self.rate, needed)
        return too_few and f"{self.name}: {too_few}"


@dataclass(frozen=True)
class _Rated:
    """One request, and the rate at which requests were due then."""

    sample: Sample
    per_s: float


@dataclass(frozen=True)
class _Stretch:
    """Some requests in a row: at which rates they were due, and how many were not as promised."""

    low: float
    high: float
    n: int
    bad: int
    holds: bool
    is_out: bool  # by more than chance
    figure: str

    @property
    def rates(self) -> str:
        low, high = f"{self.low:.3g}", f"{self.high:.3g}"
        return f"{low}/s" if low == high else f"{low}/s to {high}/s"


@dataclass(frozen=True)
class _Promise:
    """An objective as a share of requests: so many may fail, or come later than its time."""

    name: str
    objective: Slo

    @property
    def forgiven(self) -> float:
        if self.objective.at_least is not None:
            return 1 - self.objective.at_least
        return 1 - own_measure(self.name)[1]

    @property
    def requests_min(self) -> int:
        """So many that one request alone cannot decide."""
        if self.objective.at_least is not None:
            return math.ceil(1 / self.forgiven - 1e-9)
        return requests_for_percentile(own_measure(self.name)[1])

    @property
    def bound(self) -> str:
        if self.objective.at_most is not None:
            return f"{1000 * self.objective.at_most:,.0f} ms"
        return f"{100 * (1 - self.forgiven):g} %"

    def stretch(self, rated: Sequence[_Rated]) -> _Stretch:
        samples = [one.sample for one in rated]
        bad = sum(self._is_bad(sample) for sample in samples)
        return _Stretch(
            low=min(one.per_s for one in rated),
            high=max(one.per_s for one in rated),
            n=len(samples),
            bad=bad,
            holds=bad <= self.forgiven * len(samples) + 1e-9,
            is_out=chance_of(bad, len(samples), self.forgiven) < _CHANCE_MIN,
            figure=self._figure(samples, bad),
        )

    def _is_bad(self, sample: Sample) -> bool:
        """Who got no answer got none in time."""
        if self.objective.at_most is None:
            return not sample.good
        wait_ms = self._wait_ms(sample)
        return not sample.good or (wait_ms is not None and wait_ms > 1000 * self.objective.at_most)

    def _wait_ms(self, sample: Sample) -> float | None:
        return sample.latency_ms if own_measure(self.name)[0] == "latency" else sample.ttft_ms

    def _figure(self, samples: Sequence[Sample], bad: int) -> str:
        if self.objective.at_most is None:
            figure = beside(100 * (1 - bad / len(samples)), 100 * (1 - self.forgiven), 1)
            return f"{figure} %"
        told = [self._wait_ms(sample) for sample in samples if sample.good]
        waits = [wait for wait in told if wait is not None]
        silent = [math.inf] * sum(not sample.good for sample in samples)
        value_ms = percentile([*waits, *silent], own_measure(self.name)[1])
        if value_ms is None or math.isinf(value_ms):
            return "no answer"
        return f"{beside(value_ms, 1000 * self.objective.at_most, 0)} ms"
