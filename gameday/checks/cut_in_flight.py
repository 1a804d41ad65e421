"""Judges how many answers were lost at the moment of the fault."""

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds


class CutInFlight(Check):
    """At most so much traffic is lost at the moment the fault comes."""

    at_most: Seconds = 2.0

    def judge(self, seen: Seen) -> Finding:
        transition, faulted = seen.windows.get("transition"), seen.windows.get("faulted")
        if transition is None or faulted is None:
            return unknown("the moment of the fault was not observed")
        armed_at = faulted.started_at
        met = [sample for sample in transition.samples if sample.intended_at <= armed_at]
        lost = sum(not sample.good for sample in met)
        allowed = int(seen.rate_per_s * self.at_most)
        reason = (
            f"{lost} of {len(met)} requests in flight were lost at the moment of the fault "
            f"(at most {allowed}, {self.at_most:g} s of traffic)"
        )
        return yes_if(lost <= allowed, reason)

    def cannot_decide(self, planned: Planned) -> str:
        return "" if planned.rate_per_s * self.at_most >= 1 else "it allows less than one request"
