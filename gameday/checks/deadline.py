"""Judges whether every request came to an end in time, whatever the end was."""

from typing import Annotated, ClassVar

from pydantic import Field

from gameday.checks._figures import beside
from gameday.checks._met import REQUESTS_MIN, met_fault, were_sent
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds


class Deadline(Check):
    """Every request that meets the fault ends in time, with an answer or with an error."""

    needs_fault: ClassVar[bool] = True

    at_most: Seconds
    share: Annotated[float, Field(gt=0, le=1)] = 1.0

    def compares(self, seen: Seen) -> bool:  # noqa: ARG002 - the contract
        return True

    def judge(self, seen: Seen) -> Finding:
        faulted = seen.window("faulted")
        if faulted is None:
            return unknown("no request was observed while the fault was there")
        asked = were_sent(met_fault(seen, faulted.started_at))
        if not asked:
            return unknown("no request was sent while the fault was there")
        late = len(asked.where_number("latency_ms", lambda ms: ms / 1000 > self.at_most))
        held = (len(asked) - late) / len(asked) >= self.share
        if held and len(asked) < REQUESTS_MIN:
            return unknown(f"{len(asked)} requests cannot tell; {REQUESTS_MIN} are needed")
        allowed = "" if self.share == 1 else f", for at least {self.share:g} of them"
        slowest_s = max(asked.numbers("latency_ms")) / 1000
        reason = (
            f"{late} of {len(asked)} requests ended later than {self.at_most:g} s after they were "
            f"due, the slowest after {beside(slowest_s, self.at_most, 2)} s "
            f"(objective {self.at_most:g} s{allowed})"
        )
        in_time = Measure(
            value=(len(asked) - late) / len(asked),
            objective=self.share,
            unit="share",
            worse="down",
        )
        return yes_if(held, reason, in_time)

    def cannot_decide(self, planned: Planned) -> str:
        patience_s = planned.target.front_door.timeout
        if patience_s <= self.at_most:
            return (
                f"the load itself gives up after {patience_s:g} s (front_door.timeout), so no "
                f"request could be seen to take longer than {self.at_most:g} s"
            )
        return planned.too_few("faulted", REQUESTS_MIN)
