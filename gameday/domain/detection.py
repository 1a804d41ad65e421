"""When is a silent change noticed? Two questions, asked of every answer, and never merged.

*Changed?* is asked by `gameday.domain.betting`, *inside the envelope?* by
`gameday.domain.quality_envelope`. Both may be looked at after every answer.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from gameday.domain.betting import AHEAD, Answer, Betting
from gameday.domain.culprit import likely_culprit
from gameday.domain.quality_envelope import QualityEnvelope, Verdict
from gameday.domain.sample import Group, Sample
from gameday.domain.samples import Samples
from gameday.domain.sketch import PIECES
from gameday.domain.value import Value

ReferenceFrom = Literal["fresh", "recorded"]
StickyBy = Literal["user", "tenant", "feature"]
By = Literal["changed", "envelope", "alert"]
_COUNTED = frozenset({"changed", "envelope"})  # the ways that have a false-alarm rate


class Detect(Value):
    """What counts as noticing a change.

    alpha: the chance of a false alarm, over all that is looked at and all looks together.
    margin: by how much the mean quality may fall; more is outside the envelope.
    tolerance: a change of at most this share of the answers is no change; for a reference of
    minutes ago 0 is right, for one of weeks ago 0.05.
    sticky_by: what requests stick to a server by, where they do; each such key is looked at alone
    too. reference: what answers are compared with: the baseline of the same run, or what
    `gameday record` has kept. by: what notices; `alert` is an alert of the operator's own that the
    drill expects. waits_for_envelope: once it is noticed, nothing is done before the envelope says
    INSIDE or OUTSIDE; also where the envelope is no way of noticing.
    """

    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.01
    margin: Annotated[float, Field(gt=0, lt=1)] = 0.10
    tolerance: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    sticky_by: StickyBy | None = None
    reference: ReferenceFrom = "fresh"
    by: Annotated[tuple[By, ...], Field(min_length=1)] = ("changed", "envelope", "alert")
    waits_for_envelope: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.by)) != len(self.by):
            raise ValueError("by names one way twice; expected each of them once")
        return self

    @property
    def alpha_each(self) -> float:
        """Of each way: together they are wrong with a chance of at most alpha (Bonferroni)."""
        return self.alpha / max(1, len(_COUNTED.intersection(self.by)))

    def sketch_pieces(self) -> int:
        """Of how many word pieces of every scored answer a sketch must be kept."""
        return PIECES if "changed" in self.by else 0


class Detection(Value):
    """A change was noticed, and how surely.

    at: when the answer that told it had come. requests, tokens: of the stretch that was looked at,
    up to then. evidence: so many to one against "nothing has changed", or "still inside".
    """

    at: datetime
    by: By
    requests: int
    tokens: int
    evidence: float
    sentence: str


class Before(NamedTuple):
    """How the system answered before, by case: sketches of whole answers, and scores.

    keys: the users, tenants or features that asked, where each of them is looked at alone.
    """

    sketches: Mapping[str, Sequence[str]]
    scores: Mapping[str, Sequence[float]]
    keys: tuple[str, ...] = ()

    @classmethod
    def of(cls, samples: Samples, sticky_by: StickyBy | None = None) -> "Before":
        """What these samples tell of it; none of a client who was told to hang up."""
        return cls(
            samples.good.texts_by_value("case", "sketch"),
            recorded_scores(samples),
            tuple(sorted(samples.tally(sticky_by))) if sticky_by else (),
        )


class Detector:
    """Looks at one stream of answers, which `see` is given as they come.

    Its answer depends on the answers and on the order in which they ended, not on how they were
    cut into looks: so judging a stored run finds the moment that watching it found.
    """

    def __init__(
        self,
        reference: Samples | Before,
        detect: Detect,
        *,
        group: Group = "experiment",
        ahead: int = AHEAD,
        chance: str = "",
    ) -> None:
        """reference: of a stretch in which nothing was changed.

        group: whose samples are looked at; others are passed over. ahead: so many answers are
        expected; the reference is dealt out accordingly. chance: of a false alarm, in words, where
        this is one detector of many; else alpha.
        """
        self._detect, self._group = detect, group
        self._chance = chance or f"at most a {100 * detect.alpha:g} % chance of a false alarm"
        if isinstance(reference, Samples):
            reference = Before.of(self._own(reference), detect.sticky_by)
        self.betting = Betting(
            reference.sketches, keys=reference.keys, tolerance=detect.tolerance, ahead=ahead
        )
        self.envelope = QualityEnvelope(
            reference.scores, margin=detect.margin, alpha=detect.alpha_each
        )
        self.requests = self.tokens = 0
        self.detection: Detection | None = None

    def see(self, samples: Iterable[Sample]) -> Detection | None:
        """Take the samples that have ended since the last look. The first detection stands."""
        for sample in self._own(Samples.of(samples)).sorted_by("finished_at"):
            self._take(sample)
        return self.detection

    def _own(self, samples: Samples) -> Samples:
        return samples.where("group", self._group.__eq__).stayed

    def _take(self, sample: Sample) -> None:
        self.requests += 1
        self.tokens += sample.tokens_out
        if not sample.good:
            self.envelope.see(sample.case, 0.0)  # nobody got an answer: not missing at random
        elif not sample.turns_left:
            if sample.quality is not None:
                self.envelope.see(sample.case, sample.quality)
            if sample.sketch:
                self.betting.see(_answer(sample, self._detect))
        self.detection = self.detection or self._noticed(sample)

    def _noticed(self, sample: Sample) -> Detection | None:
        by = self._detect.by
        if "changed" in by and self.betting.evidence >= 1 / self._detect.alpha_each:
            return self._detection(sample, "changed", self.betting.evidence, self._changed())
        if "envelope" in by and self.envelope.verdict is Verdict.OUTSIDE:
            return self._detection(
                sample, "envelope", self.envelope.evidence_outside, self._outside()
            )
        return None

    def _detection(self, sample: Sample, by: By, evidence: float, words: str) -> Detection:
        after = f"after {self.requests} requests ({self.tokens} tokens)"
        return Detection(
            at=sample.finished_at,
            by=by,
            requests=self.requests,
            tokens=self.tokens,
            evidence=evidence,
            sentence=f"{words} {after}, {self._chance}",
        )

    def _changed(self) -> str:
        betting = self.betting
        evidence = f"evidence {betting.evidence:.0f} to 1"
        odds = f"the answers{self._whose()} are no longer those of before: {evidence}"
        culprit = likely_culprit(betting.evidence_of_probes(), betting.answers_of_probes())
        return f"{odds} ({culprit})" if culprit else odds

    def _whose(self) -> str:
        """Of which sticky keys, where they alone show it: ` for user u3`; else ''."""
        keyed = self.betting.evidence_of_keys()
        alarm = 2 * len(keyed) / self._detect.alpha_each
        loud = sorted(key for key, odds in keyed.items() if odds >= alarm)
        return f" for {self._detect.sticky_by} {', '.join(loud)}" if loud else ""

    def _outside(self) -> str:
        points = -100 * self.envelope.difference
        return (
            f"quality is {points:.0f} points below the recorded, outside the "
            f"{100 * self._detect.margin:g}-point margin"
        )


def recorded_scores(recorded: Samples) -> "dict[str, array[float]]":
    """The quality of the answers by case; 0 for a request that got none.

    A good answer that nobody scored counts neither way.
    """
    rated = recorded.rated
    scores = (rated - rated.good).by_value("case", "quality")
    scored = rated.good.where_number("quality", (0.0).__le__)
    for case, values in scored.by_value("case", "quality").items():
        scores.setdefault(case, array("d")).extend(values)
    return scores


def _answer(sample: Sample, detect: Detect) -> Answer:
    key = getattr(sample, detect.sticky_by) if detect.sticky_by else ""
    return Answer(sample.case, sample.sketch, key, sample.case_group)
