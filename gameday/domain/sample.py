"""One request as the client saw it, and the windows that samples fall into."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Literal

from gameday.domain.statistics import percentile
from gameday.domain.value import Value


class Outcome(StrEnum):
    """How one attempt at a provider, or one request at the front door, ended."""

    OK = "ok"
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    CUT = "cut"  # an answer that began and never came to its end
    HTTP_ERROR = "http_error"
    MALFORMED = "malformed"
    UNSENT = "unsent"  # scheduled, and the generator never came to send it
    LEFT = "left"  # the client hung up early, as the drill told it to


class Attempt(Value):
    """One try at one provider, as the front door's attempts header tells it."""

    provider: str
    outcome: Outcome
    elapsed_ms: float


class Sample(Value):
    """One request. Times are UTC of the generator's host; durations are monotonic.

    Latency and time to first token count from `intended_at`, the moment the schedule had fixed:
    a generator that is late must not make the system look quick.
    """

    seq: int  # of the schedule, over all generators
    case: str
    group: Literal["experiment", "control"] = "experiment"
    generator: int = 0  # which of the load's processes sent it
    turn: int = 0  # of a conversation; 0 is the first
    tenant: str = ""
    feature: str = ""
    intended_at: datetime
    finished_at: datetime
    send_lag_ms: float
    latency_ms: float
    ttft_ms: float | None = None  # first *content* token
    gap_ms_mean: float | None = None  # between content events, from the second one on
    gap_ms_max: float | None = None
    outcome: Outcome
    detail: str = ""
    status: int | None = None
    finish_reason: str | None = None
    served_by: str | None = None
    attempts: tuple[Attempt, ...] = ()
    model: str | None = None
    fingerprint: str | None = None
    version: str | None = None
    request_id: str = ""
    tokens_in: int = 0  # cached ones included
    tokens_in_cached: int = 0
    tokens_out: int = 0  # reasoning included
    tokens_out_reasoning: int = 0
    cost_usd: float = 0.0
    scores: dict[str, float | None] = {}  # by scorer; None where it could not tell
    seals: dict[str, float] = {}  # what checks asked to be scored beside the suite, by check name
    quality: float | None = None  # mean of the scores; None without an answer, or a score
    passed: bool | None = None  # the suite; None where nobody can tell
    answer_excerpt: str = ""

    @property
    def good(self) -> bool:
        """A whole answer came. Its quality is another question."""
        return self.outcome is Outcome.OK

    @property
    def left(self) -> bool:
        """The client hung up as it was told to: how the answer would have ended, nobody knows."""
        return self.outcome is Outcome.LEFT

    def tried(self, provider: str) -> bool:
        return any(attempt.provider == provider for attempt in self.attempts)


@dataclass(frozen=True)
class Window:
    """The samples of one stretch of observation, in order of `intended_at`."""

    name: str
    started_at: datetime
    ended_at: datetime
    samples: tuple[Sample, ...]

    def __len__(self) -> int:
        return len(self.samples)

    @cached_property
    def good(self) -> tuple[Sample, ...]:
        return tuple(sample for sample in self.samples if sample.good)

    @property
    def errors(self) -> int:
        return len(self.samples) - len(self.good)

    @property
    def error_rate(self) -> float | None:
        return self.errors / len(self.samples) if self.samples else None

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.started_at).total_seconds()

    def latencies_ms(self) -> list[float]:
        return [sample.latency_ms for sample in self.good]

    def ttfts_ms(self) -> list[float]:
        return [sample.ttft_ms for sample in self.good if sample.ttft_ms is not None]

    def latency_ms(self, quantile: float) -> float | None:
        return percentile(self.latencies_ms(), quantile)

    def ttft_ms(self, quantile: float) -> float | None:
        return percentile(self.ttfts_ms(), quantile)

    @property
    def served_by(self) -> dict[str, int]:
        """Good answers by the provider that the front door names; '?' where it names none."""
        counts = Counter(sample.served_by or "?" for sample in self.good)
        return dict(counts.most_common())

    @property
    def quality(self) -> float | None:
        """Mean quality; a request without an answer counts as 0, since users got nothing."""
        if not self.samples:
            return None
        return sum(sample.quality or 0.0 for sample in self.samples) / len(self.samples)

    @property
    def cost_per_success_usd(self) -> float | None:
        """Cost of every request, failed ones included, for each answer that was good."""
        if not self.good:
            return None
        return sum(sample.cost_usd for sample in self.samples) / len(self.good)

    def attempts_at(self, provider: str) -> Iterator[tuple[Sample, Attempt]]:
        for sample in self.samples:
            for attempt in sample.attempts:
                if attempt.provider == provider:
                    yield sample, attempt


@dataclass(frozen=True)
class Span:
    """From the moment something was asked for to the moment it was confirmed."""

    requested_at: datetime
    confirmed_at: datetime

    def touches(self, sample: Sample) -> bool:
        """Whether the sample was in flight, or began, while the world was being changed."""
        return sample.intended_at <= self.confirmed_at and sample.finished_at >= self.requested_at


def cut_windows(
    samples: Sequence[Sample], *, started_at: datetime, ended_at: datetime, spans: Sequence[Span]
) -> dict[str, Window]:
    """Sort `samples` into baseline, faulted, recovered, transition and left.

    spans: inject, then restore; empty when nothing was injected. A sample in flight during a
    span belongs to `transition` and to no other window; nor does one whose client hung up
    because the drill told it to, which is in `left`.
    """
    names = ("baseline", "faulted", "recovered")
    edges = [started_at, *(span.confirmed_at for span in spans), ended_at]
    ends = [*(span.requested_at for span in spans), ended_at]
    by_time = sorted(samples, key=lambda sample: sample.intended_at)
    ordered = [sample for sample in by_time if not sample.left]
    left = [sample for sample in by_time if sample.left]
    windows = {}
    in_transition = [s for s in ordered if any(span.touches(s) for span in spans)]
    settled = [s for s in ordered if not any(span.touches(s) for span in spans)]
    for position, name in enumerate(names[: len(spans) + 1]):
        start, end, cut = edges[position], ends[position], edges[position + 1]
        inside = _between(settled, start, cut, last=position == len(spans))
        windows[name] = Window(name, start, end, tuple(inside))
    windows["transition"] = Window("transition", started_at, ended_at, tuple(in_transition))
    windows["left"] = Window("left", started_at, ended_at, tuple(left))
    return windows


def _between(
    samples: Iterable[Sample], start: datetime, end: datetime, *, last: bool
) -> Iterator[Sample]:
    for sample in samples:
        if start <= sample.intended_at and (last or sample.intended_at < end):
            yield sample
