"""Are the answers still as good as the suite accepts? INSIDE, OUTSIDE or UNDECIDED, at any moment.

**The question.** The record says of each case what share of its score an answer gets. D is the mean
over the cases, each weighing the same, of the score that its answers get now minus that share. D of
more than -margin is inside the envelope; of less, outside.

**The bets.** With x the score of an answer to a case whose share is r, and z = x - r + margin, two
capitals of 1 are multiplied by 1 + b z and 1 - c z, with b and c fixed beforehand and small enough
that no factor is negative. Under D <= -margin the first is a supermartingale, under D >= -margin
the second is one (betting on a mean: Waudby-Smith and Ramdas, JRSS-B 2024, arXiv 2010.09686). Each
is the average over a few b or c: one b is the best where nothing has changed, given how much the
recorded scores vary; the others are for what is not foreseen.

**The guarantee.** Whoever sees a capital of 1/alpha says INSIDE or OUTSIDE wrongly with a chance of
at most alpha, whenever they look (Ville's inequality). A verdict stands. Without one it is
UNDECIDED, never a pass.

**What it rests on.** Cases come in an order that does not depend on the answers: drawn anew for
each request, or in shuffled rounds. At the end of a round the bound holds by Maclaurin's
inequality; within one it is checked by simulation (bench/drift). The record is the standard: its
shares count as they are. Its own error is not in alpha; so that it cannot turn a verdict, D must
also be seen two standard errors of the record away from the margin before there is one.
"""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum

from gameday.domain.statistics import mean, pooled_variance

_LARGEST_LOG = 700.0  # whose exponential is still a number
_LEAST_LEFT = 0.05  # of a capital after the worst answer there can be
_RECORD_ERRORS = 2.0  # between the quality that is seen and the margin, before there is a verdict
_VARIANCE_MIN = 0.01  # a record of right answers only does not say that none is ever wrong
_INSIDE = ((0.9, 1.0), (0.1, 1 / 3))  # shares of the capital, and the part of the best b
_OUTSIDE = ((1 / 3, 0.3), (1 / 3, 0.6), (1 / 3, 0.9))  # shares, and the part of the greatest c


class Verdict(StrEnum):
    """What can be said of the quality."""

    INSIDE = "INSIDE"
    OUTSIDE = "OUTSIDE"
    UNDECIDED = "UNDECIDED"


class _Capital:
    """Parts of a stake of 1, each bet at its own height."""

    def __init__(self, parts: Sequence[tuple[float, float]]) -> None:
        """parts: share of the stake, and height of the bet."""
        self._heights = [height for _, height in parts]
        self._logs = [math.log(share) for share, _ in parts]

    def see(self, z: float) -> None:
        self._logs = [
            log + math.log1p(height * z)
            for log, height in zip(self._logs, self._heights, strict=True)
        ]

    @property
    def log(self) -> float:
        top = max(self._logs)
        return top + math.log(math.fsum(math.exp(log - top) for log in self._logs))

    @property
    def evidence(self) -> float:
        return math.exp(min(self.log, _LARGEST_LOG))

    def growth(self, mean_z: float, variance: float) -> float:
        """What its best part gains an answer in the logarithm, to the second order."""
        square = variance + mean_z**2
        return max(height * mean_z - height**2 * square / 2 for height in self._heights)


class QualityEnvelope:
    """Whether the quality of one stream of answers is within `margin` of what was recorded.

    recorded: scores from 0 to 1 by case. One answer after the other is given to `see`.
    """

    def __init__(
        self, recorded: Mapping[str, Sequence[float]], *, margin: float, alpha: float
    ) -> None:
        scores = {case: values for case, values in recorded.items() if values}
        self.margin = margin
        self.verdict = Verdict.UNDECIDED
        self.answers = 0  # to cases that are in the record
        self._threshold = -math.log(alpha)
        self._shares = {case: mean(values) for case, values in scores.items()}
        spread = pooled_variance(scores)
        # Nothing is known of how much scores vary: as much as they can.
        self._variance = 0.25 if spread is None else max(spread, _VARIANCE_MIN)
        self.record_error = self._error_of(scores)
        self._sum = 0.0
        shares = self._shares.values() or (0.0,)
        self._inside = _Capital(_inside_bets(margin, self._variance, max(shares)))
        self._outside = _Capital(_outside_bets(margin, min(shares)))

    def see(self, case: str, score: float) -> None:
        """Take the score of one answer; 0 for a request that got none."""
        if case not in self._shares:
            return
        difference = score - self._shares[case]
        self.answers += 1
        self._sum += difference
        self._inside.see(difference + self.margin)
        self._outside.see(difference + self.margin)
        if self.verdict is Verdict.UNDECIDED and self._beyond_the_records_error():
            if self._inside.log >= self._threshold:
                self.verdict = Verdict.INSIDE
            elif self._outside.log >= self._threshold:
                self.verdict = Verdict.OUTSIDE

    @property
    def evidence_inside(self) -> float:
        """So many to one against "the quality has fallen by more than the margin"."""
        return self._inside.evidence

    @property
    def evidence_outside(self) -> float:
        """So many to one against "the quality has fallen by less than the margin"."""
        return self._outside.evidence

    @property
    def difference(self) -> float:
        """By how much an answer scores more than its case did in the record, on average."""
        return self._sum / self.answers if self.answers else 0.0

    @property
    def further_answers(self) -> int | None:
        """About how many more would decide, were the mean to stay; None where none would."""
        if self.verdict is not Verdict.UNDECIDED or not self._beyond_the_records_error():
            return None
        mean_z = self.difference + self.margin
        needed = [
            (self._threshold - capital.log) / growth
            for capital in (self._inside, self._outside)
            if (growth := capital.growth(mean_z, self._variance)) > 0
        ]
        return max(1, math.ceil(min(needed))) if needed else None

    def _beyond_the_records_error(self) -> bool:
        return bool(self.answers) and (
            abs(self.difference + self.margin) >= _RECORD_ERRORS * self.record_error
        )

    def _error_of(self, scores: Mapping[str, Sequence[float]]) -> float:
        """The standard error of the recorded mean, the cases taken as they are."""
        of_cases = (self._variance / len(values) for values in scores.values())
        return math.sqrt(math.fsum(of_cases)) / max(1, len(scores))


def _inside_bets(margin: float, variance: float, share_max: float) -> list[tuple[float, float]]:
    """1 + b z is least after an answer that scores 0 where the record is best."""
    best = margin / (variance + margin**2)
    worst = share_max - margin
    most = (1 - _LEAST_LEFT) / worst if worst > 0 else best
    return [(share, part * min(best, most)) for share, part in _INSIDE]


def _outside_bets(margin: float, share_min: float) -> list[tuple[float, float]]:
    """1 - c z is least after an answer that scores 1 where the record is worst."""
    return [(share, -part / (1 - share_min + margin)) for share, part in _OUTSIDE]
