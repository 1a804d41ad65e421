"""Judges whether the system goes on calling providers for clients who have left."""

import math
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.checks._calls import Visit, visits_by_request, why_untold
from gameday.checks._met import left_during, met_fault
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import EDGES_S, Planned
from gameday.domain.quantities import Seconds
from gameday.domain.sample import Outcome, Sample
from gameday.domain.samples import Samples

LEFT_MIN = 5  # clients; fewer may all have left between two calls


class ZombieCalls(Check):
    """No provider gets a new call for a client who has already left.

    `grace` must cover what the clocks of the gate's host and of the load generator's differ by,
    and the time that a hang-up takes to arrive.
    """

    needs_fault: ClassVar[bool] = True

    grace: Seconds = 0.1
    at_most: Annotated[int, Field(ge=0)] = 0

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no request was observed while the fault was there")
        met = met_fault(seen, faulted.started_at)
        given_up = met.where("outcome", lambda outcome: outcome is Outcome.TIMEOUT)
        left = left_during(seen, faulted.started_at, faulted.ended_at) | given_up
        if not left:
            return unknown("no client left while the fault was there")
        if blind := why_untold(seen, seen.target.providers):
            return unknown(blind)
        return self._decide(seen, left)

    def _decide(self, seen: Seen, left: Samples) -> Finding:
        visits = visits_by_request(seen)
        late = [
            (visit, after_s)
            for sample in left
            for visit in visits.get(sample.request_id, ())
            if (after_s := _seconds_after(visit, sample)) > self.grace
        ]
        bounds = f"at most {self.at_most}, later than {self.grace:g} s after"
        reason = (
            f"{len(late)} calls began after their clients had left ({len(left)} left; {bounds})"
        )
        if late:
            places = " and ".join(sorted({visit.provider for visit, _ in late}))
            latest_s = max(after_s for _, after_s in late)
            reason += f", at {places}, the last of them {latest_s:.1f} s after"
        if len(late) > self.at_most:
            return yes_if(False, reason)
        if unwatched := sorted(set(seen.target.providers) - set(seen.calls)):
            return unknown(f"{reason}, but no gate counts the calls at {' and '.join(unwatched)}")
        if len(left) < LEFT_MIN:
            return unknown(f"{reason}; {LEFT_MIN} clients who leave are needed to tell")
        return yes_if(True, reason)

    def cannot_decide(self, planned: Planned) -> str:
        if planned.hang_up_share == 0:
            return "no client leaves; add `hang_up: {after: 1s, share: 0.2}` to the load"
        names = planned.target.providers
        if ungated := [name for name, one in names.items() if one.gate is None]:
            return (
                f"nobody counts the calls at {' and '.join(ungated)}: the target names no `gate:` "
                "for it"
            )
        window = planned.windows["faulted"]
        edges = math.ceil(EDGES_S * planned.rates("faulted")[1])
        if (window.requests_min - edges) * planned.hang_up_share >= LEFT_MIN:
            return ""
        asked = math.ceil(LEFT_MIN / planned.hang_up_share)
        seconds = planned.seconds_for("faulted", asked + edges)
        return (
            f"a share of {planned.hang_up_share:g} leaves {LEFT_MIN} clients in {seconds:.1f} s at "
            f"{planned.rate_words('faulted')}; the faulted window has "
            f"{window.requests_min} requests"
        )


def _seconds_after(visit: Visit, sample: Sample) -> float:
    return (visit.call.started_at - sample.finished_at).total_seconds()
