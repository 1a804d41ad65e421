"""Judges whether a provider could carry the production peak: its limits, its answers, its speed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from gameday.checks._figures import beside
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.gate import Call
from gameday.domain.names import Name
from gameday.domain.plan import NEARLY, Planned
from gameday.domain.quantities import Rate, Seconds
from gameday.domain.sample import Outcome, Sample
from gameday.domain.statistics import percentile, requests_for_percentile

QUOTA_S = 60.0  # limits count by the minute: only a peak of that length shows one by itself
ARRIVED_SHARE_MIN = 0.9  # of the peak, that must really have come to the provider
_TOO_MANY = 429
_HAIR = 1e-6  # sums of fractions are a little off
_NEEDED = requests_for_percentile(0.95)


class Headroom(Check):
    """A provider carries the stated peak: inside its own limits, without refusing, in time.

    Limits are read from the provider's own answers at its gate, so a limit of a minute is seen
    before it is used up. Without `latency_p95` the target's objective of that name counts.
    """

    provider: Name
    peak: Rate
    latency_p95: Seconds | None = None
    failed_share_max: Annotated[float, Field(ge=0, lt=1)] = 0.01

    def judge(self, seen: Seen) -> Finding:
        window = seen.window("faulted")
        if window is None:
            return unknown("no request was observed while the load was at its peak")
        carried = _Carried.of(seen, window.samples, self)
        for objection in (self._limited(carried), self._refused(carried), self._failed(carried)):
            if objection:
                return yes_if(False, objection)
        if blind := self._too_little(carried):
            return unknown(blind)
        return self._judge_speed(carried, seen)

    def _judge_speed(self, carried: "_Carried", seen: Seen) -> Finding:
        at_most_s = self._at_most_s(seen)
        if at_most_s is None:
            return unknown("neither latency_p95 nor the target says how long an answer may take")
        p95_ms = percentile([s.latency_ms for s in carried.served], 0.95)
        assert p95_ms is not None
        speed = (
            f"p95 {beside(p95_ms, 1000 * at_most_s, 0)} ms of {len(carried.served)} answers "
            f"(objective {1000 * at_most_s:,.0f} ms)"
        )
        if p95_ms > 1000 * at_most_s:
            return yes_if(False, f"{self.provider} is too slow at {self.peak:g}/s: {speed}")
        if blind := self._limit_unknown(carried):
            return unknown(f"{blind}; {speed}")
        return yes_if(
            True, f"{self.provider} carried {self.peak:g}/s: {speed}{self._room(carried)}"
        )

    def _limited(self, carried: "_Carried") -> str:
        """The provider's own word, before anything has failed."""
        for limit in carried.limits:
            if limit.allowed < limit.wanted:
                met = f"; it refused {carried.refused} of {carried.calls} calls (429)"
                return (
                    f"{self.provider} allows {limit.allowed:,} {limit.kind} a minute by its own "
                    f"headers, and {self.peak:g}/s need {limit.wanted:,.0f}"
                    f"{met if carried.refused else ''}"
                )
        return ""

    def _refused(self, carried: "_Carried") -> str:
        if not carried.refused:
            return ""
        return (
            f"{self.provider} refused {carried.refused} of {carried.calls} calls (429) while the "
            f"load was at {self.peak:g}/s{self._room(carried)}"
        )

    def _failed(self, carried: "_Carried") -> str:
        failed = carried.tried - len(carried.served)
        if not carried.tried or failed <= self.failed_share_max * carried.tried:
            return ""
        first = next(s for s in carried.asked if not (s.good and s.served_by == self.provider))
        return (
            f"{failed} of {carried.tried} requests that tried {self.provider} at {self.peak:g}/s "
            f"got no answer from it (at most {self.failed_share_max:g} of them), e.g. "
            f"{_how(first, self.provider)}"
        )

    def _too_little(self, carried: "_Carried") -> str:
        if len(carried.served) < _NEEDED:
            return (
                f"{self.provider} answered {len(carried.served)} requests while the load was at "
                f"{self.peak:g}/s; {_NEEDED} are needed"
            )
        per_s = carried.tried / carried.seconds
        if per_s < ARRIVED_SHARE_MIN * self.peak - _HAIR:
            return (
                f"only {per_s:.3g}/s of the load's {self.peak:g}/s came to {self.provider}, so "
                "nobody knows what it does with all of them"
            )
        return ""

    def _limit_unknown(self, carried: "_Carried") -> str:
        if carried.limits or carried.seconds >= QUOTA_S - _HAIR:
            return ""
        return (
            f"no answer of {self.provider} at its gate told a limit, and {carried.seconds:.0f} s "
            f"at the peak show none that counts by the minute; {QUOTA_S:g} s would"
        )

    def _room(self, carried: "_Carried") -> str:
        told = " and ".join(
            f"{limit.allowed:,} {limit.kind} ({limit.wanted:,.0f} are needed)"
            for limit in carried.limits
        )
        return f"; it allows {told} a minute" if told else ""

    def _at_most_s(self, seen: Seen) -> float | None:
        slo = seen.target.slos.get("latency_p95")
        return self.latency_p95 or (slo.at_most if slo else None)

    def cannot_decide(self, planned: Planned) -> str:
        if self.provider not in planned.target.providers:
            return f"the target has no provider {self.provider!r}"
        if self.latency_p95 is None and planned.target.slos.get("latency_p95") is None:
            return "the target states no objective latency_p95; give the check one of its own"
        return planned.too_few_at("faulted", self.peak, _NEEDED)


@dataclass(frozen=True)
class _Limit:
    """What a provider allows in a minute, and what the peak needs."""

    kind: str
    allowed: int
    wanted: float


@dataclass(frozen=True)
class _Carried:
    """What came to the provider while the load was at the stated peak."""

    asked: Sequence[Sample]  # that tried it
    served: Sequence[Sample]
    seconds: float
    calls: int  # at its gate, of whomever
    refused: int  # of those, by the provider itself
    limits: Sequence[_Limit]

    @property
    def tried(self) -> int:
        return len(self.asked)

    @classmethod
    def of(cls, seen: Seen, samples: Sequence[Sample], check: Headroom) -> "_Carried":
        at_peak = [s for s in samples if seen.rate_at(s.intended_at) >= NEARLY * check.peak]
        asked = [sample for sample in at_peak if _tried(sample, check.provider)]
        served = [s for s in asked if s.good and s.served_by == check.provider]
        calls = _calls_within(seen, check.provider, at_peak)
        return cls(
            asked=asked,
            served=served,
            seconds=_seconds_of(at_peak, seen),
            calls=len(calls),
            refused=sum(call.status == _TOO_MANY for call in calls),
            limits=tuple(_limits(calls, served, check.peak)),
        )


def _tried(sample: Sample, provider: str) -> bool:
    return sample.served_by == provider or sample.tried(provider)


def _seconds_of(at_peak: Sequence[Sample], seen: Seen) -> float:
    """How long the load was at the peak: a rate and its requests give the time."""
    return sum(1 / seen.rate_at(sample.intended_at) for sample in at_peak)


def _calls_within(seen: Seen, provider: str, at_peak: Sequence[Sample]) -> list[Call]:
    """Calls at the provider's gate in that time, but for those that a fault of ours changed."""
    if not at_peak:
        return []
    start, end = _edges(at_peak)
    return [
        call
        for call in seen.calls.get(provider, ())
        if not call.fault_id and start <= call.started_at <= end
    ]


def _edges(at_peak: Sequence[Sample]) -> tuple[datetime, datetime]:
    first = min(sample.intended_at for sample in at_peak)
    return first, max(sample.finished_at for sample in at_peak) + timedelta(milliseconds=1)


def _limits(calls: Sequence[Call], served: Sequence[Sample], peak_per_s: float) -> list[_Limit]:
    """The lowest limit of each kind that was told, beside what the peak needs of it."""
    found = []
    requests = [call.requests_max for call in calls if call.requests_max is not None]
    tokens = [call.tokens_max for call in calls if call.tokens_max is not None]
    if requests:
        found.append(_Limit("requests", min(requests), 60 * peak_per_s))
    if tokens and served:
        each = sum(s.tokens_in + s.tokens_out for s in served) / len(served)
        found.append(_Limit("tokens", min(tokens), 60 * peak_per_s * each))
    return found


def _how(sample: Sample, provider: str) -> str:
    """How the last attempt there ended."""
    tries = [a.outcome for a in sample.attempts if a.provider == provider]
    return f"{tries[-1] if tries else sample.outcome}" + (
        "" if tries and tries[-1] is not Outcome.OK else f", then {sample.outcome}"
    )
