"""Judges how many answers were lost at the moment of the fault."""

import math
from datetime import timedelta
from typing import ClassVar

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds


class CutInFlight(Check):
    """At most so much traffic is lost at the moment the fault comes."""

    needs_fault: ClassVar[bool] = True

    at_most: Seconds = 2.0

    def judge(self, seen: Seen) -> Finding:
        before, after = seen.window("baseline"), seen.window("faulted")
        transition = seen.windows.get("transition")
        if before is None or after is None or transition is None:
            return unknown("no request was observed on both sides of the moment of the fault")
        armed_at = after.started_at
        met = transition.samples - transition.samples.after("intended_at", armed_at)
        lost = len(met) - len(met.good)
        # A hair more, because 100 * 0.29 is 28.999...
        traffic = seen.due_between(armed_at - timedelta(seconds=self.at_most), armed_at)
        allowed = math.floor(traffic + 1e-6)
        reason = (
            f"{lost} of {len(met)} requests in flight were lost at the moment of the fault "
            f"(at most {allowed}, {self.at_most:g} s of traffic)"
        )
        return yes_if(lost <= allowed, reason)

    def cannot_decide(self, planned: Planned) -> str:
        begins = planned.windows["faulted"].begins
        if planned.load.fewest(begins.later(-self.at_most), self.at_most) >= 1:
            return ""
        slowest = planned.load.curve.rates_between(begins.first_s, begins.last_s)[0]
        return (
            f"at_most {self.at_most:g} s is less than one request at {slowest:g}/s; "
            f"it must be at least {1 / slowest:g} s"
        )
