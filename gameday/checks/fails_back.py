"""Judges whether the system goes back to a provider that is well again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.checks._calls import why_untold
from gameday.checks._figures import beside
from gameday.checks._met import after_restore
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds
from gameday.domain.sample import Sample


class FailsBack(Check):
    """The faulted provider serves most answers again, in time, after the fault is gone.

    What has been waited out by then are the breakers and cooldowns of the system. From the moment
    that counts, the share holds for the next few answers and for all that follow.
    """

    needs_fault: ClassVar[bool] = True
    needs_provider: ClassVar[bool] = True

    within: Seconds
    share: Annotated[float, Field(gt=0, le=1)] = 0.9

    def judge(self, seen: Seen) -> Finding:
        if seen.restore is None:
            return unknown("nothing was put back, so nobody could go back to it")
        if seen.window("recovered") is None:
            return unknown("no request was observed after the fault was gone")
        gone_at, home = seen.restore.effective_at, seen.faulted_provider
        good = after_restore(seen, gone_at).good.sorted_by("finished_at")
        blind = why_untold(seen, (home,))
        if blind and good and all(sample.served_by is None for sample in good):
            return unknown(f"the {len(good)} good answers do not say who served them, and {blind}")
        served = _by_header(good, home) if blind else _by_gate(seen, good, home)
        back = _Back.found(good, served, gone_at, (self.share, seen.good_in_a_row))
        source = f"by the system's own header, since {blind}" if blind else "by its gate's count"
        return self._decide(back, good, seen, source)

    def _decide(self, back: "_Back", good: Sequence[Sample], seen: Seen, source: str) -> Finding:
        assert seen.restore is not None
        home, gone_at = seen.faulted_provider, seen.restore.effective_at
        share = beside(100 * back.share, 100 * self.share, 0)
        objective = f"at least {100 * self.share:g} %, within {self.within:g} s"
        if back.after_s is not None:
            reason = (
                f"from {beside(back.after_s, self.within, 1)} s after the fault was gone {home} "
                f"served {share} % of the good answers ({objective}), {source}"
            )
            return yes_if(back.after_s <= self.within, reason)
        later = sum((s.finished_at - gone_at).total_seconds() > self.within for s in good)
        reason = (
            f"{home} served no more than {share} % of {len(good)} good answers after the fault was "
            f"gone ({objective}), {source}"
        )
        if later >= seen.good_in_a_row:
            return yes_if(False, reason)
        return unknown(
            f"{reason}; {later} of them came after {self.within:g} s, and {seen.good_in_a_row} are "
            "needed"
        )

    def cannot_decide(self, planned: Planned) -> str:
        window = planned.windows["recovered"]
        needed_s = planned.seconds_for("recovered", window.good_in_a_row, after_s=self.within)
        if window.seconds_watched >= needed_s:
            return ""
        return (
            f"the recovered window must be able to last {needed_s:g} s, for the cooldowns and "
            f"{window.good_in_a_row} good answers; it is {window.seconds_watched:g} s"
        )


@dataclass(frozen=True)
class _Back:
    """The first moment from which a provider served its share again, or the nearest to it."""

    after_s: float | None  # since the fault was gone; None when there was no such moment
    share: float  # that was reached

    @classmethod
    def found(
        cls,
        good: Sequence[Sample],
        served: Sequence[bool],
        gone_at: datetime,
        wanted: tuple[float, int],
    ) -> "_Back":
        """wanted: the share, and the number of answers that it must hold for at the least."""
        share, enough = wanted
        sums = [0, *accumulate(served)]
        nearest = 0.0
        for first in range(len(good) - enough + 1):
            at_once = (sums[first + enough] - sums[first]) / enough
            from_then = (sums[-1] - sums[first]) / (len(good) - first)
            if min(at_once, from_then) >= share:
                began_at = good[first - 1].finished_at if first else gone_at
                return cls((began_at - gone_at).total_seconds(), from_then)
            nearest = max(nearest, min(at_once, from_then))
        return cls(None, nearest)


def _by_header(good: Sequence[Sample], home: str) -> list[bool]:
    return [sample.served_by == home for sample in good]


def _by_gate(seen: Seen, good: Sequence[Sample], home: str) -> list[bool]:
    whole = {call.request_id for call in seen.calls[home] if call.status == 200 and call.whole}
    return [sample.request_id in whole for sample in good]
