"""Picks the samples that met a fault, and those that came after it was gone."""

from datetime import datetime
from functools import reduce
from operator import or_

from gameday.domain.check import Seen
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples

REQUESTS_MIN = 20  # fewer cannot tell a habit from an accident


def met_fault(seen: Seen, armed_at: datetime) -> Samples:
    """Samples that met the fault: those of its window, and those in flight when it came."""
    met = _of(seen, "transition", "faulted").since("finished_at", armed_at)
    return met.before("intended_at", seen.restore.requested_at) if seen.restore else met


def after_restore(seen: Seen, gone_at: datetime) -> Samples:
    """Those in flight when the restore was done, and the later ones."""
    return _of(seen, "transition", "recovered").since("finished_at", gone_at)


def left_during(seen: Seen, started_at: datetime, ended_at: datetime) -> Samples:
    """Samples of clients that hung up as they were told, which asked in this stretch."""
    left = _of(seen, "left").since("intended_at", started_at)
    return left.before("intended_at", ended_at)


def were_sent(samples: Samples) -> Samples:
    """Those that the system had at all: the generator may not have come to send the others."""
    return samples.where("outcome", lambda outcome: outcome is not Outcome.UNSENT)


def _of(seen: Seen, *names: str) -> Samples:
    windows = (seen.windows.get(name) for name in names)
    found = [window.samples for window in windows if window is not None]
    return reduce(or_, found) if found else Samples.of(())
