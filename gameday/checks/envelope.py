"""Judges whether the answers are still as good as the suite accepts."""

from array import array
from typing import Annotated

from pydantic import Field

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.names import Name
from gameday.domain.plan import Planned
from gameday.domain.samples import Samples
from gameday.domain.statistics import (
    Z_95_ONE_SIDED,
    Difference,
    envelope_requests,
    stratified_difference,
)
from gameday.domain.window import Window

REPEATS_MIN = 20  # answers to a case that was asked before; fewer cannot tell how much they vary


class Envelope(Check):
    """Quality stays within a margin of the baseline, case by case."""

    suite: Name
    margin: Annotated[float, Field(gt=0, lt=1)]

    def compares(self, seen: Seen) -> bool:  # noqa: ARG002 - the contract
        return True

    def judge(self, seen: Seen) -> Finding:
        baseline, faulted = seen.window("baseline"), seen.window("faulted")
        if baseline is None or faulted is None:
            return unknown("quality was not observed before and during the fault")
        worst = self._compare(baseline, faulted, missing=(1.0, 0.0))
        if not (unscored := baseline.unscored + faulted.unscored):
            return worst
        if worst.held is self._compare(baseline, faulted, missing=(0.0, 1.0)).held:
            beside = f"{unscored} good answers were not scored; none of them could turn it"
            return Finding(held=worst.held, reason=f"{worst.reason}; {beside}")
        return unknown(f"{unscored} good answers were not scored, which could turn it")

    def _compare(
        self, baseline: Window, faulted: Window, *, missing: tuple[float, float]
    ) -> Finding:
        """missing: what a score that is missing counts, before and during the fault."""
        rated = [window.samples.rated for window in (baseline, faulted)]
        before, during = (_by_case(*one) for one in zip(rated, missing, strict=True))
        difference = stratified_difference(before, during)
        repeats = min(len(rated[0]) - len(before), len(rated[1]) - len(during))
        if repeats < REPEATS_MIN:
            return unknown(
                f"{repeats} requests of a window repeated a case; {REPEATS_MIN} are needed to tell "
                "how much answers vary"
            )
        if difference is None:
            return unknown("no case was asked both before and during the fault")
        return self._decide(difference, baseline, faulted)

    def _decide(self, difference: Difference, baseline: Window, faulted: Window) -> Finding:
        figures = (
            f"quality {_written(faulted.quality)} against {_written(baseline.quality)}, "
            f"{100 * difference.mean:+.1f} points "
            f"({100 * difference.lower:+.1f} to {100 * difference.upper:+.1f})"
        )
        over = f"({len(faulted)} requests over {difference.strata} cases)"
        points = f"{100 * self.margin:g}-point margin"
        if difference.lower >= -self.margin:
            return yes_if(True, f"{figures}, inside the {points} {over}")
        if difference.upper < -self.margin:
            return yes_if(False, f"{figures}, outside the {points} {over}")
        more = self._further_requests(difference, len(faulted))
        return unknown(f"{figures}, undecided at the {points} {over}; about {more} more would tell")

    def _further_requests(self, difference: Difference, so_far: int) -> int:
        """How many more would put the whole interval on one side, were the mean to stay."""
        distance = max(abs(difference.mean + self.margin), 0.01)
        factor = (Z_95_ONE_SIDED * difference.standard_error / distance) ** 2
        return max(1, round(so_far * (factor - 1)))

    def cannot_decide(self, planned: Planned) -> str:
        if self.suite != planned.suite:
            return f"it judges the suite {self.suite!r}, and the load asks {planned.suite!r}"
        needed = max(envelope_requests(self.margin), planned.cases + REPEATS_MIN)
        for name in ("baseline", "faulted"):
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
