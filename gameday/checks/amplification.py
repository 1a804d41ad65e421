"""Judges how many calls the system makes at a failing provider for each request of a client."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.checks._calls import MISSING_SHARE_MAX, visits_by_request, why_untold
from gameday.checks._figures import beside
from gameday.checks._met import REQUESTS_MIN, left_during, were_sent
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.names import Name
from gameday.domain.plan import Planned
from gameday.domain.sample import Sample
from gameday.domain.verdict import Held


class Amplification(Check):
    """The faulted provider gets at most so many calls for each request of a client.

    Counted by the gate before the provider, never by the system's own header. Without `provider`
    every faulted provider is judged, each alone.
    """

    needs_fault: ClassVar[bool] = True

    at_most: Annotated[float, Field(gt=0, le=1000)] = 1.2
    provider: Name | None = None

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no request was observed while the fault was there")
        left = left_during(seen, faulted.started_at, faulted.ended_at)
        asked = [s for s in were_sent(faulted.samples | left) if s.request_id]
        own = (self.provider,) if self.provider else ()
        providers = own or seen.faulted_providers or (seen.faulted_provider,)
        findings = [self._judge_at(provider, seen, asked) for provider in providers]
        ladder = (Held.NO, Held.UNKNOWN, Held.YES)
        worst = min((finding.held for finding in findings), key=ladder.index)
        reasons = [finding.reason for finding in findings if finding.held is worst]
        measures = [finding.measure for finding in findings if finding.measure]
        most = max(measures, key=lambda measure: measure.value, default=None)
        return Finding(held=worst, reason="; ".join(reasons), measure=most)

    def _judge_at(self, provider: str, seen: Seen, asked: Sequence[Sample]) -> Finding:
        if blind := why_untold(seen, (provider,)):
            return unknown(blind)
        counted = _Counted.of(seen, provider, asked)
        factor = counted.calls / len(asked) if asked else 0.0
        reason = (
            f"{beside(factor, self.at_most, 2)} calls at {provider} for each request (at most "
            f"{self.at_most:g}): its gate saw {counted.calls} for {len(asked)} requests while the "
            "fault was there"
        )
        if len(asked) < REQUESTS_MIN:
            return unknown(f"{reason}; {REQUESTS_MIN} requests are needed")
        if factor <= self.at_most and counted.missing > MISSING_SHARE_MAX * counted.told:
            return unknown(
                f"{reason}, but the system tells of {counted.missing} more; a call that is lost "
                "before the gate cannot be counted there"
            )
        measure = Measure(value=factor, objective=self.at_most, unit="calls per request")
        return yes_if(factor <= self.at_most, reason, measure)

    def cannot_decide(self, planned: Planned) -> str:
        known = planned.target.providers
        names = (self.provider,) if self.provider else planned.faulted_providers
        if not names:
            return "it counts the calls at a provider, and this drill breaks none: name `provider`"
        for name in names:
            if name not in known:
                return f"the target has no provider {name!r}"
            if known[name].gate is None:
                return f"nobody counts the calls at {name}: the target names no `gate:` for it"
        return planned.too_few("faulted", REQUESTS_MIN)


@dataclass(frozen=True)
class _Counted:
    """Calls at one provider for some requests."""

    calls: int  # that its gate saw
    told: int  # that the system's own header tells
    missing: int  # of the told ones, those that the gate did not see

    @classmethod
    def of(cls, seen: Seen, provider: str, asked: Sequence[Sample]) -> "_Counted":
        visits = visits_by_request(seen)
        calls = told = missing = 0
        for sample in asked:
            of_it = [v for v in visits.get(sample.request_id, ()) if v.provider == provider]
            told_of_it = sum(attempt.provider == provider for attempt in sample.attempts)
            calls += len(of_it)
            told += told_of_it
            missing += max(0, told_of_it - len(of_it))
        return cls(calls, told, missing)
