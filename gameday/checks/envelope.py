"""Judges whether the answers are still as good as the suite accepts: INSIDE, OUTSIDE, UNDECIDED."""

from array import array
from typing import Annotated, Literal

from pydantic import Field

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.names import Name
from gameday.domain.plan import Planned
from gameday.domain.samples import Samples
from gameday.domain.statistics import (
    Z_95_ONE_SIDED,
    Difference,
    difference_of_means,
    envelope_requests,
    stratified_difference,
)
from gameday.domain.window import Window

REPEATS_MIN = 20  # answers to a case that was asked before; fewer cannot tell how much they vary


class Envelope(Check):
    """Quality stays within a margin of the baseline, case by case.

    over: `cases` compares the answers to each case with earlier ones to the same, so that another
    mix of questions makes no difference; `mix` compares whatever was asked, as often as it was.
    """

    suite: Name
    margin: Annotated[float, Field(gt=0, lt=1)]
    over: Literal["cases", "mix"] = "cases"
    window: Annotated[Literal["faulted", "responded", "recovered"], Field(alias="in")] = "faulted"

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @property
    def _when(self) -> str:
        return "during the fault" if self.window == "faulted" else f"in the window {self.window}"

    def compares(self, seen: Seen) -> bool:  # noqa: ARG002 - the contract
        return True

    def judge(self, seen: Seen) -> Finding:
        baseline, watched = seen.window("baseline"), seen.window(self.window)
        if baseline is None or watched is None:
            return unknown(f"quality was not observed before and {self._when}")
        worst = self._compare(baseline, watched, missing=(1.0, 0.0))
        if not (unscored := baseline.unscored + watched.unscored):
            return worst
        if worst.held is self._compare(baseline, watched, missing=(0.0, 1.0)).held:
            beside = f"{unscored} good answers were not scored; none of them could turn it"
            return worst.model_copy(update={"reason": f"{worst.reason}; {beside}"})
        return unknown(f"{unscored} good answers were not scored, which could turn it")

    def _compare(
        self, baseline: Window, watched: Window, *, missing: tuple[float, float]
    ) -> Finding:
        """missing: what a score that is missing counts, in the baseline and in the other window."""
        rated = [window.samples.rated for window in (baseline, watched)]
        before, during = (_by_case(*one) for one in zip(rated, missing, strict=True))
        compare = stratified_difference if self.over == "cases" else difference_of_means
        difference = compare(before, during)
        repeats = min(len(rated[0]) - len(before), len(rated[1]) - len(during))
        if repeats < REPEATS_MIN:
            return unknown(
                f"{repeats} requests of a window repeated a case; {REPEATS_MIN} are needed to tell "
                "how much answers vary"
            )
        if difference is None:
            return unknown(f"no case was asked both before and {self._when}")
        return self._decide(difference, baseline, watched)

    def _decide(self, difference: Difference, baseline: Window, watched: Window) -> Finding:
        figures = (
            f"quality {_written(watched.quality)} against {_written(baseline.quality)}, "
            f"{100 * difference.mean:+.1f} points "
            f"({100 * difference.lower:+.1f} to {100 * difference.upper:+.1f})"
        )
        over = f"({len(watched)} requests over {difference.strata} cases)"
        points = f"{100 * self.margin:g}-point margin"
        change = Measure(value=difference.mean, objective=-self.margin, unit="share", worse="down")
        if difference.lower >= -self.margin:
            return yes_if(True, f"{figures}, INSIDE the {points} {over}", change)
        if difference.upper < -self.margin:
            return yes_if(False, f"{figures}, OUTSIDE the {points} {over}", change)
        more = self._further_requests(difference, len(watched))
        return unknown(f"{figures}, UNDECIDED at the {points} {over}; about {more} more would tell")

    def _further_requests(self, difference: Difference, so_far: int) -> int:
        """How many more would put the whole interval on one side, were the mean to stay."""
        distance = max(abs(difference.mean + self.margin), 0.01)
        factor = (Z_95_ONE_SIDED * difference.standard_error / distance) ** 2
        return max(1, round(so_far * (factor - 1)))

    def cannot_decide(self, planned: Planned) -> str:
        if self.suite != planned.suite:
            return f"it judges the suite {self.suite!r}, and the load asks {planned.suite!r}"
        needed = max(envelope_requests(self.margin), planned.cases + REPEATS_MIN)
        for name in ("baseline", self.window):
            if name not in planned.windows:
                return f"it judges the window {name}, which the drill has not"
            if too_few := planned.too_few(name, needed):
                return f"a margin of {self.margin:g} over {planned.cases} cases {too_few}"
        return ""


def _by_case(rated: Samples, missing: float) -> "dict[str, array[float]]":
    """Scores by case. A request without an answer scores 0: it is not missing at random."""
    scores = (rated - rated.good).by_value("case", "quality")
    for case, values in rated.good.by_value("case", "quality", missing=missing).items():
        scores.setdefault(case, array("d")).extend(values)
    return scores


def _written(quality: float | None) -> str:
    return "not known" if quality is None else f"{quality:.2f}"
