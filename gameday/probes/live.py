"""The window that is being observed: its figures so far, and when every answer is good again."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from gameday.domain.progress import Progress
from gameday.domain.rollback import of_another_version
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.statistics import nearest_rank


class LiveWindow:
    """Takes samples as they finish. Only those intended at or after `floor` belong to it.

    A client that hung up because the drill told it to was asked for, and is neither good nor an
    error.
    """

    def __init__(self, name: str, floor: datetime, *, home: str | None, seen_as: str = "") -> None:
        """home: the provider that must serve for an answer to count as good again, or None.

        seen_as: what it must then call its version as well, where it names one; '' for anything.
        """
        self._name = name
        self._floor = floor
        self._home = home
        self._seen_as = seen_as
        self._requests = self._stayed = self._errors = 0
        self._rated, self._quality = 0, 0.0
        self._latencies_ms: list[float] = []
        self._served_by: Counter[str] = Counter()
        self._streak = 0

    def take(self, new: Sequence[Sample]) -> None:
        """Take what was written since the last look."""
        asked = Samples.of(new).experiment.since("intended_at", self._floor)
        self._requests += len(asked)
        if asked.stayed:
            self._count(asked.stayed)

    def _count(self, stayed: Samples) -> None:
        good = stayed.good
        self._stayed += len(stayed)
        self._errors += len(stayed) - len(good)
        self._rated += len(stayed.rated)
        self._quality += sum(stayed.rated.numbers("quality"))
        self._latencies_ms.extend(good.numbers("latency_ms"))
        for name, count in good.tally("served_by").items():
            self._served_by[name or "?"] += count
        bad = stayed - self._good_again(good)
        self._streak = len(stayed.following(bad)) + (0 if bad else self._streak)

    def __len__(self) -> int:
        """Requests that have ended, in whatever way: a window of so many lasts as planned."""
        return self._requests

    @property
    def good_in_a_row(self) -> int:
        return self._streak

    def _good_again(self, good: Samples) -> Samples:
        if self._seen_as:
            good -= of_another_version(good, self._seen_as)
        if self._home is None:
            return good
        return good.where("served_by", lambda name: name == self._home)

    def progress(self, now: datetime) -> Progress:
        # What is sorted already is only passed over: the new ones are merged in.
        self._latencies_ms.sort()
        return Progress(
            window=self._name,
            at=now,
            seconds=max(0.0, (now - self._floor).total_seconds()),
            n=self._stayed,
            errors=self._errors,
            latency_ms_p95=nearest_rank(self._latencies_ms, 0.95),
            quality=self._quality / self._rated if self._rated else None,
            served_by=dict(self._served_by.most_common()),
        )
