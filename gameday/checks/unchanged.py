"""Judges whether the answers to each question have stayed what they were."""

from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.betting import answers_to_alarm
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.detection import Detect, Detector
from gameday.domain.plan import Planned
from gameday.domain.sketch import PIECES


class Unchanged(Check):
    """The answers to the same questions are as before, whatever is asked more often now.

    compared_min: so many answers must have had an unused one of the baseline, to the same case, to
    be compared with; fewer cannot say that nothing has changed.

    Each answer is compared as by the check `changed`, with the same chance of a false alarm.
    """

    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.01
    compared_min: Annotated[int, Field(ge=1, le=100_000)] = 40
    window: Annotated[Literal["faulted", "responded", "recovered"], Field(alias="in")] = "faulted"

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    def sketch_pieces(self) -> int:
        return PIECES

    def compares(self, seen: Seen) -> bool:  # noqa: ARG002 - the contract
        return True

    def judge(self, seen: Seen) -> Finding:
        baseline, watched = seen.window("baseline"), seen.window(self.window)
        if baseline is None or watched is None:
            return unknown(f"answers were not observed before and in the window {self.window}")
        detect = Detect(alpha=self.alpha, by=("changed",))
        # The window of the one group that is judged, whichever it is.
        group = watched.samples[0].group
        detector = Detector(baseline.samples, detect, group=group, ahead=len(watched))
        found = detector.see(watched.samples)
        if found is not None:
            return yes_if(False, found.sentence)
        compared = detector.betting.answers
        figures = (
            f"evidence {detector.betting.evidence:.1f} to 1 after {compared} answers to questions "
            f"that were asked before as well (an alarm is {1 / self.alpha:g} to 1)"
        )
        if compared < self.compared_min:
            return unknown(f"{figures}; {self.compared_min} are needed to say that none changed")
        return yes_if(True, figures)

    def cannot_decide(self, planned: Planned) -> str:
        needed = answers_to_alarm(self.alpha)
        if self.compared_min < needed:
            return (
                f"{self.compared_min} answers are too few to notice any change: {needed} are "
                f"needed at alpha {self.alpha:g}"
            )
        for name in ("baseline", self.window):
            if name not in planned.windows:
                return f"it judges the window {name}, which the drill has not"
            if too_few := planned.too_few(name, self.compared_min):
                return f"to compare {self.compared_min} answers {too_few}"
        # The first recorded answer to each case is compared with none.
        if too_few := planned.too_few("baseline", 2 * planned.cases):
            return f"each answer is compared with an unused one of the baseline, which {too_few}"
        return ""
