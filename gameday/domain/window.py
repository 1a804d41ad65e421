"""The windows that the samples of a run fall into, and the figures of each."""

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.statistics import nearest_rank


@dataclass(frozen=True)
class Window:
    """The samples of one stretch of observation, in order of `intended_at`."""

    name: str
    started_at: datetime
    ended_at: datetime
    samples: Samples

    def __post_init__(self) -> None:
        """Take any samples, also such as were made one by one."""
        object.__setattr__(self, "samples", Samples.of(self.samples))

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def good(self) -> Samples:
        return self.samples.good

    @property
    def errors(self) -> int:
        return len(self.samples) - len(self.good)

    @property
    def error_rate(self) -> float | None:
        return self.errors / len(self.samples) if len(self.samples) else None

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.started_at).total_seconds()

    def latencies_ms(self) -> Sequence[float]:
        """Those of the good answers, sorted."""
        return self._latencies_ms

    def ttfts_ms(self) -> Sequence[float]:
        """Those of the good answers that tell a first token, sorted."""
        return self._ttfts_ms

    @cached_property
    def _latencies_ms(self) -> "array[float]":
        return array("d", sorted(self.good.numbers("latency_ms")))

    @cached_property
    def _ttfts_ms(self) -> "array[float]":
        return array("d", sorted(self.good.numbers("ttft_ms")))

    def latency_ms(self, quantile: float) -> float | None:
        return nearest_rank(self._latencies_ms, quantile)

    def ttft_ms(self, quantile: float) -> float | None:
        return nearest_rank(self._ttfts_ms, quantile)

    @cached_property
    def served_by(self) -> dict[str, int]:
        """Good answers by the provider that the front door names; '?' where it names none."""
        return {name or "?": count for name, count in self.good.tally("served_by").items()}

    @cached_property
    def quality(self) -> float | None:
        return mean_quality(self.samples)

    @property
    def attempts_per_request(self) -> float | None:
        """Tries at providers, of the requests of which the front door tells any."""
        ways = {way: count for way, count in self.samples.tally("attempts").items() if way}
        told = sum(ways.values())
        return sum(len(way) * count for way, count in ways.items()) / told if told else None

    @property
    def unscored(self) -> int:
        """Good answers of which nobody can tell the quality, though somebody was asked to."""
        return _unscored(self.samples.rated)

    @cached_property
    def cost_per_success_usd(self) -> float | None:
        """Cost of every request, failed ones included, for each answer that passed the suite."""
        passed = self.good.tally("passed").get(True)
        return math.fsum(self.samples.numbers("cost_usd")) / passed if passed else None


@dataclass(frozen=True)
class Span:
    """From the moment something was asked for to the moment it was confirmed."""

    requested_at: datetime
    confirmed_at: datetime

    def touches(self, sample: Sample) -> bool:
        """Whether the sample was in flight, or began, while the world was being changed."""
        return sample.intended_at <= self.confirmed_at and sample.finished_at >= self.requested_at

    def touched(self, samples: Samples) -> Samples:
        """Those that it touches."""
        in_time = samples.since("finished_at", self.requested_at)
        return in_time - in_time.after("intended_at", self.confirmed_at)


FAULTED_WINDOWS = ("baseline", "faulted", "recovered")  # cut by inject and restore


def cut_windows(
    samples: Iterable[Sample],
    *,
    started_at: datetime,
    ended_at: datetime,
    spans: Sequence[Span],
    names: Sequence[str] = FAULTED_WINDOWS,
) -> dict[str, Window]:
    """Sort `samples` into the windows of these names, transition and left.

    spans: the changes of the world between each two windows, such as inject, then restore; a
    window whose beginning never came is not there. A sample in flight during a span belongs to
    `transition` and to no other window; nor does one whose client hung up because the drill told
    it to, which is in `left`.
    """
    every = Samples.of(samples)
    settled = stayed = every.stayed
    for span in spans:
        settled -= span.touched(stayed)
    windows = {}
    rest = settled.since("intended_at", started_at)
    began_at = started_at
    for name, span in zip(names, spans, strict=False):
        later = rest.since("intended_at", span.confirmed_at)
        windows[name] = Window(name, began_at, span.requested_at, rest - later)
        rest, began_at = later, span.confirmed_at
    last = names[len(spans)]
    windows[last] = Window(last, began_at, ended_at, rest)
    windows["transition"] = Window("transition", started_at, ended_at, stayed - settled)
    windows["left"] = Window("left", started_at, ended_at, every - stayed)
    return windows


def mean_quality(samples: Samples) -> float | None:
    """Mean quality; a request without an answer counts as 0, since users got nothing.

    An answer that was not scored counts neither way.
    """
    rated = samples.rated
    told = len(rated) - _unscored(rated)
    return math.fsum(rated.numbers("quality")) / told if told else None


def _unscored(rated: Samples) -> int:
    answers = rated.good
    return len(answers) - len(answers.numbers("quality"))


def served_most(served_by: Mapping[str, int]) -> str | None:
    """Who gave most of a window's good answers; None where the front door names nobody.

    served_by: answers by who gave them, as `Window.served_by` has them.
    """
    named = [name for name in served_by if name != "?"]
    return max(named, key=lambda name: served_by[name], default=None)
