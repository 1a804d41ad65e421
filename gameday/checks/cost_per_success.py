"""Judges what a good answer costs while the fault is there."""

from gameday.checks._figures import beside
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
        told = {name for one in (baseline, faulted) if one for name in one.good.tally("model")}
        models = {name or "an unnamed model" for name in told}
        if before is None:
            return unknown("no good answer before the fault, so there is no cost to compare with")
        if during is None:
            return unknown("no good answer while the fault was there, so none has a cost")
        if unpriced := sorted(models - set(seen.target.prices)):
            return unknown(f"answers of {', '.join(unpriced)} have no price in the target file")
        if before == 0:
            return unknown("answers cost nothing before the fault, so no multiple can be taken")
        factor = round(during / before, 9)  # a sum of small costs is a little off
        reason = (
            f"{beside(factor, self.at_most, 2)}x baseline (at most {self.at_most:g}x): "
            f"${1000 * during:.3f} against ${1000 * before:.3f} per 1,000 good answers"
        )
        return yes_if(factor <= self.at_most, reason)

    def cannot_decide(self, planned: Planned) -> str:
        return "" if planned.target.prices else "the target file has no `prices:`"
