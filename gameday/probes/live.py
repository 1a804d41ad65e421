"""The window that is being observed: its figures so far, whether a guard trips, when it ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from gameday.domain.drill import AbortCondition
from gameday.domain.progress import Progress
from gameday.domain.sample import Sample, Window

_GUARD_REQUESTS_MIN = 5  # one failed request alone is no rate


class LiveWindow:
    """Takes samples as they finish. Only those intended at or after `floor` belong to it.

    A client that hung up because the drill told it to was asked for, and is neither good nor an
    error.
    """

    def __init__(self, name: str, floor: datetime, *, home: str | None) -> None:
        """home: the provider that must serve for an answer to count as good again, or None."""
        self._name = name
        self._floor = floor
        self._home = home
        self._requests = 0
        self._samples: list[Sample] = []
        self._streak = 0
        self._tripped_since: dict[int, datetime] = {}

    def take(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            if sample.intended_at < self._floor:
                continue
            self._requests += 1
            if not sample.left:
                self._samples.append(sample)
                self._streak = self._streak + 1 if self._is_good_again(sample) else 0

    def __len__(self) -> int:
        """Requests that have ended, in whatever way: a window of so many lasts as planned."""
        return self._requests

    @property
    def good_in_a_row(self) -> int:
        return self._streak

    def _is_good_again(self, sample: Sample) -> bool:
        return sample.good and self._home in (None, sample.served_by)

    def progress(self, now: datetime) -> Progress:
        window = Window(self._name, self._floor, now, tuple(self._samples))
        return Progress(
            window=self._name,
            at=now,
            seconds=window.seconds,
            n=len(window),
            errors=window.errors,
            latency_ms_p95=window.latency_ms(0.95),
            quality=window.quality,
            served_by=window.served_by,
        )

    def tripped(self, guards: Iterable[AbortCondition], now: datetime) -> str:
        """The sentence of the first guard whose bound was passed all of its time, else ''.

        Each look judges the last second, so a guard needs every look of its time to be bad.
        """
        recent = [s for s in self._samples if now - s.finished_at <= timedelta(seconds=1)]
        window = Window(self._name, self._floor, now, tuple(recent))
        for position, guard in enumerate(guards):
            value = _metric(window, guard.metric)
            if value is None:
                continue  # too few answers to tell: neither better nor worse than before
            if value <= guard.above:
                self._tripped_since.pop(position, None)
                continue
            since = self._tripped_since.setdefault(position, now)
            if (now - since).total_seconds() >= guard.for_:
                return f"{guard.metric} was {value:g}, over {guard.above:g}, for {guard.for_:g} s"
        return ""


def _metric(window: Window, metric: str) -> float | None:
    if len(window) < _GUARD_REQUESTS_MIN:
        return None
    return window.error_rate if metric == "error_rate" else window.latency_ms(0.95)
