"""What the load's own processes spent: a generator that is busy with itself measures itself."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from gameday.domain.value import Value

_SILENT_S_MAX = 3.0  # notes come about every second, and later from a busy host


class Vital(Value):
    """About a second of one generator, up to `at`."""

    generator: int
    at: datetime
    seconds: float
    cpu_s: float
    in_flight: int  # requests without an answer yet
    unrecorded: int  # answers that wait to be scored and stored


def cpu_share(vitals: Iterable[Vital], started_at: datetime, ended_at: datetime) -> float | None:
    """The share of a core that the busiest generator took in that time; None when nobody noted it.

    1.0 is a whole core. A second that lies only partly in that time counts with that part.
    """
    cpu_s: defaultdict[int, float] = defaultdict(float)
    wall_s: defaultdict[int, float] = defaultdict(float)
    for vital in vitals:
        inside = _inside(vital, started_at, ended_at)
        cpu_s[vital.generator] += inside * vital.cpu_s
        wall_s[vital.generator] += inside * vital.seconds
    return max((cpu_s[one] / wall_s[one] for one in cpu_s if wall_s[one] > 0), default=None)


def find_silent(
    vitals: Iterable[Vital], started_at: datetime, ended_at: datetime, generators: int
) -> dict[int, float]:
    """The generators that left no note of seconds that others noted in that time, and of how many.

    One that stood still notes it afterwards; one that is gone, or writes elsewhere, never does.
    """
    noted_s = dict.fromkeys(range(generators), 0.0)
    for vital in vitals:
        inside_s = _inside(vital, started_at, ended_at) * vital.seconds
        noted_s[vital.generator] = noted_s.get(vital.generator, 0.0) + inside_s
    most_s = max(noted_s.values())
    silent_s = {one: most_s - seconds for one, seconds in noted_s.items()}
    return {one: seconds for one, seconds in silent_s.items() if seconds > _SILENT_S_MAX}


def _inside(vital: Vital, started_at: datetime, ended_at: datetime) -> float:
    """The part of the vital's time that lies between two moments, from 0 to 1."""
    if vital.seconds <= 0:
        return 0.0
    begun_at = vital.at - timedelta(seconds=vital.seconds)
    overlap = min(vital.at, ended_at) - max(begun_at, started_at)
    return min(1.0, max(0.0, overlap.total_seconds() / vital.seconds))
