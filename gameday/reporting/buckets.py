"""Sorts samples into equal stretches of time, for the picture and its table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gameday.domain.sample import Sample, Window
from gameday.domain.statistics import percentile

BUCKETS_MAX = 240
OVERLAPPING = frozenset({"transition", "left"})  # windows that are no stretch of time of their own
_WIDTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True)
class Bucket:
    """The requests that were due in one stretch of time."""

    start_s: float  # from the start of the run
    width_s: float
    phase: str
    samples: tuple[Sample, ...]

    @property
    def latencies_ms(self) -> list[float]:
        return [sample.latency_ms for sample in self.samples if sample.good]

    @property
    def failed(self) -> int:
        return sum(not sample.good for sample in self.samples)

    @property
    def served_by(self) -> Counter[str]:
        return Counter(sample.served_by or "?" for sample in self.samples if sample.good)

    def latency_ms(self, quantile: float) -> float | None:
        return percentile(self.latencies_ms, quantile)


def make_buckets(
    samples: Sequence[Sample], windows: Mapping[str, Window], start: datetime, seconds: float
) -> tuple[Bucket, ...]:
    """Buckets of a second, or of more where there would be over 240 of them."""
    widths = (width for width in _WIDTHS_S if seconds / width <= BUCKETS_MAX)
    width_s = float(next(widths, seconds / BUCKETS_MAX))
    sorted_in: dict[int, list[Sample]] = {}
    for sample in samples:
        place = int((sample.intended_at - start).total_seconds() // width_s)
        sorted_in.setdefault(place, []).append(sample)
    last = max([int(-(-seconds // width_s)) - 1, *sorted_in], default=0)
    return tuple(
        Bucket(
            start_s=place * width_s,
            width_s=width_s,
            phase=_phase(windows, start, (place + 0.5) * width_s),
            samples=tuple(sorted_in.get(place, ())),
        )
        for place in range(last + 1)
    )


def _phase(windows: Mapping[str, Window], start: datetime, middle_s: float) -> str:
    for name, window in windows.items():
        began_s = (window.started_at - start).total_seconds()
        ended_s = (window.ended_at - start).total_seconds()
        if name not in OVERLAPPING and began_s <= middle_s < ended_s:
            return name
    return "transition"
