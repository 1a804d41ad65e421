"""The window that is being observed: its figures so far, and when every answer is good again."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from gameday.domain.progress import Progress
from gameday.domain.sample import Sample
from gameday.domain.statistics import nearest_rank


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
        self._requests = self._stayed = self._errors = 0
        self._quality = 0.0
        self._latencies_ms: list[float] = []
        self._served_by: Counter[str] = Counter()
        self._streak = 0

    def take(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            if sample.intended_at < self._floor:
                continue
            self._requests += 1
            if not sample.left:
                self._count(sample)

    def _count(self, sample: Sample) -> None:
        self._stayed += 1
        self._quality += sample.quality or 0.0
        if sample.good:
            self._latencies_ms.append(sample.latency_ms)
            self._served_by[sample.served_by or "?"] += 1
        else:
            self._errors += 1
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
        # What is sorted already is only passed over: the new ones are merged in.
        self._latencies_ms.sort()
        return Progress(
            window=self._name,
            at=now,
            seconds=(now - self._floor).total_seconds(),
            n=self._stayed,
            errors=self._errors,
            latency_ms_p95=nearest_rank(self._latencies_ms, 0.95),
            quality=self._quality / self._stayed if self._stayed else None,
            served_by=dict(self._served_by.most_common()),
        )
