"""Picks the samples that met a fault, and those that came after it was gone."""

from collections.abc import Iterator
from datetime import datetime

from gameday.domain.check import Seen
from gameday.domain.sample import Outcome, Sample

REQUESTS_MIN = 20  # fewer cannot tell a habit from an accident


def met_fault(seen: Seen, armed_at: datetime) -> list[Sample]:
    """Samples that met the fault: those of its window, and those in flight when it came."""
    until = seen.restore.requested_at if seen.restore else None
    return [
        sample
        for sample in _of(seen, "transition", "faulted")
        if sample.finished_at >= armed_at and (until is None or sample.intended_at < until)
    ]


def after_restore(seen: Seen, gone_at: datetime) -> list[Sample]:
    """In the order in which they finished: those in flight at the restore, and the later ones."""
    after = (s for s in _of(seen, "transition", "recovered") if s.finished_at >= gone_at)
    return sorted(after, key=lambda sample: sample.finished_at)


def left_during(seen: Seen, started_at: datetime, ended_at: datetime) -> list[Sample]:
    """Samples of clients that hung up as they were told, which asked in this stretch."""
    return [s for s in _of(seen, "left") if started_at <= s.intended_at < ended_at]


def was_sent(sample: Sample) -> bool:
    """Whether the system had the request at all: the generator may not have come to send it."""
    return sample.outcome is not Outcome.UNSENT


def _of(seen: Seen, *names: str) -> Iterator[Sample]:
    for name in names:
        window = seen.windows.get(name)
        yield from window.samples if window is not None else ()
