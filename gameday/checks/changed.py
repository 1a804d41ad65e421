"""Judges whether a silent change was noticed by the answers alone, and how soon."""

import math
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.betting import AHEAD, RECORDED_MAX, answers_to_alarm, recorded_for
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.detection import Detect, Detection, Detector, ReferenceFrom, StickyBy
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds, plain
from gameday.domain.repeats import share_of_repeats
from gameday.domain.sample import Group
from gameday.domain.sketch import PIECES
from gameday.domain.window import Window

_CACHE_LIKELY = 0.8  # of the answers are repetitions
_IN_FLIGHT = 2  # so many times the requests that are judged may have to be looked through


class Changed(Check):
    """A silent change is noticed within so many requests, or so long, by what is answered.

    The answers while the fault is there are compared with those of the baseline, case by case and
    with a look after each: `gameday/domain/betting.py` says how, and what alpha promises.
    """

    within_requests: Annotated[int, Field(ge=1, le=100_000, examples=[120])] | None = None
    within: Seconds | None = None
    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.01
    tolerance: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    sticky_by: StickyBy | None = None
    reference: ReferenceFrom = "fresh"

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.within_requests is None) == (self.within is None):
            raise ValueError("expected exactly one of within_requests and within")
        return self

    def sketch_pieces(self) -> int:
        return PIECES

    def judge(self, seen: Seen) -> Finding:
        baseline, faulted = seen.window("baseline"), seen.window("faulted")
        if baseline is None or faulted is None:
            return unknown("answers were not observed before and during the fault")
        if self.reference == "recorded" and seen.reference is None:
            return unknown("the run has no recorded reference to compare with")
        detector = self._looked_at(seen, baseline, faulted)
        if (found := detector.detection) is None:
            return self._not_noticed(detector, baseline, faulted)
        if self._noticed_in_control(seen):
            return unknown(
                "the answers of the control group, which no fault touched, have changed too: "
                f"{found.sentence}"
            )
        after_s = (found.at - faulted.started_at).total_seconds()
        in_time = found.requests <= (self.within_requests or found.requests)
        in_time = in_time and after_s <= (self.within or after_s)
        late = "" if in_time else ", too late"
        return yes_if(in_time, f"{found.sentence}, {after_s:.1f} s ({self._objective}{late})")

    @property
    def _objective(self) -> str:
        if self.within is not None:
            return f"objective {plain(self.within)} s"
        return f"objective {self.within_requests} requests"

    def _looked_at(
        self, seen: Seen, baseline: Window, faulted: Window, group: Group = "experiment"
    ) -> Detector:
        """The detector after it has seen all that the objective leaves time for, and no more."""
        detect = Detect(
            alpha=self.alpha, tolerance=self.tolerance, sticky_by=self.sticky_by, by=("changed",)
        )
        samples = faulted.samples
        if self.within is not None:
            samples = samples.before(
                "intended_at", faulted.started_at + timedelta(seconds=self.within)
            )
        recorded = seen.reference if self.reference == "recorded" else None
        detector = Detector(
            recorded.before(self.sticky_by) if recorded else baseline.samples,
            detect,
            group=group,
            ahead=max(AHEAD, self._requests(seen, faulted)),
        )
        detector.see(samples[: _IN_FLIGHT * (self.within_requests or len(samples))])
        return detector

    def _requests(self, seen: Seen, faulted: Window) -> int:
        """How many requests the objective leaves time for, as the load offers them."""
        if self.within is None:
            assert self.within_requests is not None
            return self.within_requests
        ends_at = faulted.started_at + timedelta(seconds=self.within)
        return math.ceil(seen.due_between(faulted.started_at, ends_at))

    def _noticed_in_control(self, seen: Seen) -> Detection | None:
        baseline, faulted = seen.control.get("baseline"), seen.control.get("faulted")
        if not baseline or not faulted:
            return None
        return self._looked_at(seen, baseline, faulted, "control").detection

    def _not_noticed(self, detector: Detector, baseline: Window, faulted: Window) -> Finding:
        bets, needed = detector.betting.answers, self._answers_needed
        evidence = (
            f"evidence {detector.betting.evidence:.1f} to 1 after {bets} answers that had a "
            f"recorded one to be compared with, an alarm is {1 / self.alpha:g} to 1"
        )
        if bets < needed:
            return unknown(f"{evidence}, and no fewer than {needed} answers can be one")
        if detector.requests < (self.within_requests or 0) or faulted.seconds < (self.within or 0):
            return unknown(
                f"not noticed when the window ended, before the {self._objective}: {evidence}"
            )
        return yes_if(
            False, f"not noticed ({self._objective}): {evidence}{_cached(baseline, faulted)}"
        )

    @property
    def _answers_needed(self) -> int:
        return answers_to_alarm(self.alpha, tolerance=self.tolerance)

    def cannot_decide(self, planned: Planned) -> str:
        requests = self.within_requests
        if requests is None:
            assert self.within is not None
            requests = max(1, math.floor(self.within * planned.rates("faulted")[0]))
        if requests < self._answers_needed:
            return (
                f"{requests} requests are too few to notice any change: "
                f"{self._answers_needed} are needed at alpha {self.alpha:g}"
            )
        if too_few := planned.too_few("faulted", requests, unnoticed=True):
            return f"to look at {requests} requests {too_few}"
        if self.reference == "recorded":
            return ""
        # Each user's answers use the record by themselves.
        alone = planned.users if self.sticky_by == "user" and planned.users else 1
        answers = math.ceil(requests / alone)
        each = min(RECORDED_MAX, recorded_for(answers, planned.cases))
        if too_few := planned.too_few("baseline", each * planned.cases):
            return (
                f"each answer is compared with an unused one of the baseline, {each} to each of "
                f"{planned.cases} cases, which {too_few}"
            )
        return ""


def _cached(baseline: Window, faulted: Window) -> str:
    """What to say where answers are so alike that they may come from a cache; else ''."""
    before = baseline.good.texts_by_value("case", "sketch")
    during = share_of_repeats(faulted.good.texts_by_value("case", "sketch"), before)
    if during is None or during < _CACHE_LIKELY:
        return ""
    usual = share_of_repeats(before)
    also = "" if usual is None else f", and {usual:.0%} of the baseline's did"
    return (
        f"; {during:.0%} of the answers begin word for word like earlier ones{also}: a response "
        "cache hides a change"
    )
