"""Judges what a good answer costs while the fault is there."""

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.quantities import Factor


class CostPerSuccess(Check):
    """A good answer costs at most a multiple of what it cost before the fault."""

    at_most: Factor

    def judge(self, seen: Seen) -> Finding:
        baseline, faulted = seen.window("baseline"), seen.window("faulted")
        before = baseline.cost_per_success_usd if baseline else None
        during = faulted.cost_per_success_usd if faulted else None
        if not before:
            return unknown("the baseline has no answer with a price")
        if during is None:
            return unknown("no good answer while the fault was there, so none has a cost")
        unpriced = sorted(
            {s.model or "?" for s in faulted.good if s.cost_usd == 0} if faulted else ()
        )
        if unpriced:
            return unknown(f"answers of {', '.join(unpriced)} have no price in the target file")
        factor = during / before
        reason = (
            f"{factor:.2f}x baseline (at most {self.at_most:g}x): "
            f"${1000 * during:.3f} against ${1000 * before:.3f} per 1,000 good answers"
        )
        return yes_if(factor <= self.at_most, reason)

    def cannot_decide(self, planned: Planned) -> str:
        return "" if planned.target.prices else "the target file has no prices"
