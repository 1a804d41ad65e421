"""One tick of a watch: what was asked, and what came of it. No text of any answer."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from statistics import fmean, median
from typing import Self

from gameday.domain.component import ComponentName, Version
from gameday.domain.figure import Figure
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
    latency_ms: float | None = None  # of a good answer; none of ticks before there was any
    attempts: int = 0  # at providers, as the front door tells; 0: it tells none
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
            latency_ms=sample.latency_ms if sample.outcome is Outcome.OK else None,
            attempts=len(sample.attempts),
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


def figures_of(tick: Tick) -> Iterator[Figure]:
    """What a tick measured, to be watched for a drift over months; nothing where it could not ask.

    Each is a mean or a median of a few answers: what tells is the mean of a whole week's ticks.
    """
    heard, good = tick.heard, [one for one in tick.heard if one.good]
    if not heard:
        return
    times_ms = [one.latency_ms for one in good if one.latency_ms is not None]
    scores, attempts = scores_of([tick]), [one.attempts for one in heard if one.attempts]
    measured = (
        ("latency_ms_p50", median(times_ms) if times_ms else None, "ms", "up"),
        ("error_share", tick.failures / len(heard), "share", "up"),
        ("attempts_per_request", fmean(attempts) if attempts else None, "attempts", "up"),
        ("cost_per_answer_usd", tick.cost_usd / len(good) if good else None, "USD", "up"),
        ("quality", fmean(scores) if scores else None, "share", "down"),
    )
    for name, value, unit, worse in measured:
        if value is not None:
            yield Figure.model_validate(
                {"of": "watch", "name": name, "value": value, "unit": unit, "worse": worse}
            )


def scores_of(ticks: Iterable[Tick]) -> list[float]:
    """What the rotating part of these ticks scored."""
    return [score for tick in ticks for one in tick.heard if (score := one.score) is not None]
