"""One tick of a watch: what was asked, and what came of it. No text of any answer."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from gameday.domain.component import ComponentName, Version
from gameday.domain.sample import Outcome, Sample
from gameday.domain.value import Value


class Heard(Value):
    """One answer, or that there was none. rotating: whether it is of the rotating part."""

    case: str
    group: str = ""
    rotating: bool
    outcome: Outcome
    sketch: str = ""
    quality: float | None = None
    tokens: int = 0
    ended_at: datetime

    @classmethod
    def of(cls, sample: Sample, *, rotating: bool) -> Self:
        return cls(
            case=sample.case,
            group=sample.case_group,
            rotating=rotating,
            outcome=sample.outcome,
            sketch=sample.sketch,
            quality=sample.quality,
            tokens=sample.tokens_out,
            ended_at=sample.finished_at,
        )

    @property
    def good(self) -> bool:
        return self.outcome is Outcome.OK

    @property
    def score(self) -> float | None:
        """What it counts for the quality: 0 where nobody got an answer; None where it does not."""
        if not self.rotating:
            return None
        return self.quality if self.good else 0.0

    def sample(self, seq: int) -> Sample | None:
        """As a detector takes it; None where it tells nothing.

        A probe has no quality: the suite's cases must weigh the same, and probes come more often.
        """
        if not self.good and not self.rotating:
            return None
        return Sample(
            seq=seq,
            case=self.case,
            case_group=self.group,
            intended_at=self.ended_at,
            finished_at=self.ended_at,
            send_lag_ms=0.0,
            latency_ms=0.0,
            outcome=self.outcome,
            tokens_out=self.tokens,
            quality=self.quality if self.rotating else None,
            sketch=self.sketch,
        )


class Tick(Value):
    """One tick.

    tick: its id, the same whoever tries it again. reference: the digest of the recording that the
    answers are compared with. problem: why the system could not be asked, or the answers not be
    compared; '' where they could. answered_by: the answers by model, fingerprint and version.
    """

    tick: str
    at: datetime
    reference: str = ""
    problem: str = ""
    heard: tuple[Heard, ...] = ()
    cost_usd: float = 0.0
    answered_by: dict[str, int] = {}
    components: dict[ComponentName, Version] = {}
    unread: dict[ComponentName, str] = {}

    @property
    def compares(self) -> bool:
        """Whether anything can be said from it."""
        return not self.problem

    @property
    def failures(self) -> int:
        return sum(not one.good for one in self.heard)

    def samples(self) -> list[Sample]:
        made = (one.sample(seq) for seq, one in enumerate(self.heard))
        return [one for one in made if one is not None]


def scores_of(ticks: Iterable[Tick]) -> list[float]:
    """What the rotating part of these ticks scored."""
    return [score for tick in ticks for one in tick.heard if (score := one.score) is not None]
