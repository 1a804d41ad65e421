"""Sorts samples into equal stretches of time, for the picture and its table."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.statistics import nearest_rank
from gameday.domain.window import Window, mean_quality

BUCKETS_MAX = 240
OVERLAPPING = frozenset({"transition", "left"})  # windows that are no stretch of time of their own
_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True)
class Bucket:
    """The requests that were due in one stretch of time."""

    start_s: float  # from the start of the run
    width_s: float
    phase: str
    failed: int
    latencies_ms: "array[float]"  # of the good answers, sorted
    served_by: Mapping[str, int]  # the good answers, by who gave them
    quality: float | None  # the mean; a request without an answer counts as 0

    @property
    def requests(self) -> int:
        return len(self.latencies_ms) + self.failed

    def latency_ms(self, quantile: float) -> float | None:
        return nearest_rank(self.latencies_ms, quantile)


def make_buckets(
    recorded: Sequence[Sample], windows: Mapping[str, Window], start: datetime, seconds: float
) -> tuple[Bucket, ...]:
    """Buckets of a second, or of more where there would be over 240 of them."""
    samples = Samples.of(recorded)
    widths = (width for width in _WIDTHS_S if seconds / width <= BUCKETS_MAX)
    width_s = float(next(widths, seconds / BUCKETS_MAX))
    places = samples.stretches("intended_at", start, width_s)
    last = max([int(-(-seconds // width_s)) - 1, *places], default=0)
    return tuple(
        _bucket(
            (place * width_s, width_s),
            _phase(windows, start, (place + 0.5) * width_s),
            places.get(place, Samples.of(())),
        )
        for place in range(last + 1)
    )


def _bucket(stretch: tuple[float, float], phase: str, samples: Samples) -> Bucket:
    good = samples.good
    return Bucket(
        start_s=stretch[0],
        width_s=stretch[1],
        phase=phase,
        failed=len(samples) - len(good),
        latencies_ms=array("d", sorted(good.numbers("latency_ms"))),
        served_by={who or "?": count for who, count in good.tally("served_by").items()},
        quality=mean_quality(samples),
    )


def _phase(windows: Mapping[str, Window], start: datetime, middle_s: float) -> str:
    for name, window in windows.items():
        began_s = (window.started_at - start).total_seconds()
        ended_s = (window.ended_at - start).total_seconds()
        if name not in OVERLAPPING and began_s <= middle_s < ended_s:
            return name
    return "transition"
