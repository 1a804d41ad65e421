"""What each group of questions shows: whether its answers have changed, and whether for worse.

The same two bets as for the whole stream, made for each group alone, so that a change of one
component can be told from that of another.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from gameday.domain.betting import Answer, Betting
from gameday.domain.detection import Before
from gameday.domain.quality_envelope import QualityEnvelope, Verdict
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.value import Value


class Shown(Value):
    """What the answers to one group of questions show.

    odds: so many to one that they have changed. answers: so many were compared. points: by how
    much they score more than the recorded ones, of 100. worse: whether that is nearer to the margin
    than to none, which luck alone may do. verdict: whether it is within the margin, for certain.
    """

    odds: float
    answers: int
    points: float = 0.0
    worse: bool = False
    verdict: Verdict = Verdict.UNDECIDED

    @property
    def figures(self) -> str:
        """`evidence 140 to 1, -31 points: OUTSIDE`."""
        return f"evidence {self.odds:.0f} to 1, {self.points:+.0f} points: {self.verdict}"


def shown_by_group(
    before: Before,
    samples: Iterable[Sample],
    *,
    margin: float,
    alpha: float,
    tolerance: float = 0.0,
) -> dict[str, Shown]:
    """By the suite's groups. Questions without a group are the group ''.

    before: how the system answered while all was well. samples: since; of the experiment, in any
    order, and none of a client who was told to hang up. alpha: the chance of a wrong verdict on one
    group. tolerance: a change of at most this share of the answers is none.
    """
    rated = [one for one in Samples.of(samples).sorted_by("finished_at") if not one.turns_left]
    by_group: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in rated:
        by_group[sample.case_group].append(sample)
    betting = Betting(before.sketches, tolerance=tolerance, ahead=max(1, len(rated)))
    for sample in rated:
        if sample.good and sample.sketch:
            betting.see(Answer(sample.case, sample.sketch, "", sample.case_group))
    odds, answers = betting.evidence_of_probes(), betting.answers_of_probes()
    return {
        group: _shown(odds.get(group, 1.0), answers.get(group, 0), envelope)
        for group, envelope in _envelopes(before.scores, by_group, margin, alpha).items()
    }


def _shown(odds: float, answers: int, envelope: QualityEnvelope) -> Shown:
    return Shown(
        odds=odds,
        answers=answers,
        points=100 * envelope.difference,
        worse=envelope.difference <= -envelope.margin / 2,
        verdict=envelope.verdict,
    )


def _envelopes(
    recorded: Mapping[str, Sequence[float]],
    by_group: Mapping[str, Sequence[Sample]],
    margin: float,
    alpha: float,
) -> dict[str, QualityEnvelope]:
    found = {}
    for group, samples in sorted(by_group.items()):
        cases = {one.case: recorded[one.case] for one in samples if one.case in recorded}
        found[group] = QualityEnvelope(cases, margin=margin, alpha=alpha)
        for sample in samples:
            score = sample.quality if sample.good else 0.0  # nobody got an answer
            if score is not None:
                found[group].see(sample.case, score)
    return found
