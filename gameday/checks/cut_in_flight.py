"""Judges how many answers were lost at the moment of the fault."""

import math

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds


class CutInFlight(Check):
    """At most so much traffic is lost at the moment the fault comes."""

    at_most: Seconds = 2.0

    def judge(self, seen: Seen) -> Finding:
        before, after = seen.window("baseline"), seen.window("faulted")
        transition = seen.windows.get("transition")
        if before is None or after is None or transition is None:
            return unknown("no request was observed on both sides of the moment of the fault")
        armed_at = after.started_at
        met = [sample for sample in transition.samples if sample.intended_at <= armed_at]
        lost = sum(not sample.good for sample in met)
        allowed = self._requests_max(seen.rate_per_s)
        reason = (
            f"{lost} of {len(met)} requests in flight were lost at the moment of the fault "
            f"(at most {allowed}, {self.at_most:g} s of traffic)"
        )
        return yes_if(lost <= allowed, reason)

    def cannot_decide(self, planned: Planned) -> str:
        if self._requests_max(planned.rate_per_s) >= 1:
            return ""
        return (
            f"at_most {self.at_most:g} s is less than one request at {planned.rate_per_s:g}/s; "
            f"it must be at least {1 / planned.rate_per_s:g} s"
        )

    def _requests_max(self, rate_per_s: float) -> int:
        return math.floor(rate_per_s * self.at_most + 1e-9)  # 100 * 0.29 is 28.999...
