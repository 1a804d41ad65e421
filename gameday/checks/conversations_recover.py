"""Judges whether conversations that were begun under a change are well after the switch back."""

import math
from array import array
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Annotated, ClassVar

from pydantic import Field

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds, plain
from gameday.domain.rollback import called_at
from gameday.domain.samples import Samples
from gameday.domain.statistics import Difference, answers_difference, answers_to_see

_AFTERWARDS = ("responded", "recovered")
_TO_SPARE = 2  # so many times the answers that are needed are planned for


class ConversationsRecover(Check):
    """A conversation begun under the change is answered as well after the switch back as any other.

    The last answers of conversations that were begun while the change was there, and went on
    `within` so long of the switch back or later, against the baseline's, case by case. Those begun
    after it tell whether the switch back worked at all: if not, no history is to blame.
    """

    needs_fault: ClassVar[bool] = True

    margin: Annotated[float, Field(gt=0, lt=1, examples=[0.1])]
    within: Seconds = 5.0

    def judge(self, seen: Seen) -> Finding:
        baseline, faulted = seen.window("baseline"), seen.window("faulted")
        back_at = _switched_back_at(seen)
        if baseline is None or faulted is None or back_at is None:
            return unknown("no conversation was watched from before a switch back to after it")
        usual = _by_case(_lasts(baseline.samples))
        after = _after(seen, back_at + timedelta(seconds=self.within))
        old = _by_case(_begun(after, faulted.started_at, back_at))
        answers, needed = _count(old), answers_to_see(self.margin)
        found = answers_difference(usual, old)
        if found is None or answers < needed:
            return unknown(
                f"{answers} answers in conversations that were begun under the change came after "
                f"the switch back; {needed} to cases of the baseline are needed"
            )
        new = answers_difference(usual, _by_case(_begun(after, back_at, None)))
        fresh = "" if new is None else f"; in those begun after it {_points(new)}"
        told = (
            f"quality {_points(found)} against the baseline in {answers} conversations that were "
            f"begun under the change and went on {plain(self.within)} s after the switch back or "
            f"later{fresh}"
        )
        return self._found(found, new, told)

    def _found(self, old: Difference, new: Difference | None, told: str) -> Finding:
        margin = f"{100 * self.margin:g}-point margin"
        if old.lower >= -self.margin:
            return yes_if(True, f"{told}: inside the {margin}")
        if old.upper >= -self.margin:
            return unknown(f"{told}: undecided at the {margin}")
        if new is None or new.lower < -self.margin:
            return unknown(f"{told}: so it may be no history that is to blame")
        return yes_if(False, f"{told}: outside the {margin}")

    def cannot_decide(self, planned: Planned) -> str:
        talks = planned.conversations
        if talks is None:
            return (
                "no conversation goes on after the switch back; add to the load, say, "
                "`conversations: {turns: 2, pause: 15s}`"
            )
        needed = _TO_SPARE * answers_to_see(self.margin)
        rate = planned.rates("faulted")[0] / talks.turns
        begun_s = min(talks.seconds - self.within, planned.windows["faulted"].seconds_watched)
        if begun_s * rate < needed:
            return (
                f"{max(0.0, begun_s) * rate:.0f} conversations begin in the faulted window and end "
                f"later than {plain(self.within)} s after it, and {needed} are needed: make the "
                f"pause, the window or the rate greater"
            )
        # The first of them end when one conversation's time is over; half of the requests that
        # come until then are first turns, and the plan does not count the other half.
        before = math.ceil(talks.seconds * planned.rates("baseline")[1] / 2)
        return planned.too_few("baseline", before + talks.turns * needed)


def _switched_back_at(seen: Seen) -> datetime | None:
    """When what had changed was switched back: by the response, else by the restore."""
    called = called_at(seen.response.steps) if seen.response else None
    if called is None and seen.restore is not None:
        return seen.restore.requested_at
    return called


def _after(seen: Seen, at: datetime) -> Samples:
    """The last turns of conversations that were due from that moment on."""
    windows = [one.samples for name in _AFTERWARDS if (one := seen.window(name)) is not None]
    found = reduce(or_, windows) if windows else Samples.of(())
    return _lasts(found.since("intended_at", at))


def _lasts(samples: Samples) -> Samples:
    """Last turns, answered or not."""
    later = samples.where("turn", lambda turn: turn > 0)
    return later.where("turns_left", lambda left: left == 0)


def _begun(lasts: Samples, since: datetime, until: datetime | None) -> Samples:
    """Those whose conversations were begun in this stretch."""
    begun = (
        (sample, sample.intended_at - timedelta(milliseconds=sample.talk_ms))
        for sample in lasts
        if sample.talk_ms is not None
    )
    return Samples.of([s for s, at in begun if since <= at and (until is None or at < until)])


def _by_case(lasts: Samples) -> "dict[str, array[float]]":
    """Scores by case; a turn without an answer scores 0, one without a score is left out."""
    scores = (lasts - lasts.good).by_value("case", "quality")
    told = lasts.good.where("passed", lambda passed: passed is not None)
    for case, values in told.by_value("case", "quality").items():
        scores.setdefault(case, array("d")).extend(values)
    return scores


def _count(by_case: Mapping[str, "array[float]"]) -> int:
    return sum(map(len, by_case.values()))


def _points(found: Difference) -> str:
    return f"{100 * found.mean:+.1f} points ({100 * found.lower:+.1f} to {100 * found.upper:+.1f})"
