"""Whether the load's own processes kept up: where they did not, figures are theirs.

A generator that sends late, is out of CPU or cannot send at all makes a quick system look slow or
a slow one quick. So samples taken meanwhile decide nothing.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from gameday.domain.sample import Outcome, Sample
from gameday.domain.samples import Samples
from gameday.domain.statistics import percentile
from gameday.domain.value import Value
from gameday.domain.vitals import Vital, cpu_share, find_silent

SEND_LAG_SHARE_MAX = 0.05  # of the tightest latency objective, at p99
CPU_SHARE_MAX = 0.8  # of a core, by the busiest generator
UNSENT_SHARE_MAX = 0.01
LATE_MIN = 3  # in a window of few requests p99 is the worst of them, and one alone tells nothing
NEXT = "use a lower rate, more generators (load.generators) or a host with more room"


class Validity(Value):
    """How the generators kept up in one stretch of the load."""

    send_lag_ms_p99: float | None = Field(default=None, description="null where nothing was sent")
    cpu_share: float | None = Field(
        default=None, description="of a core, by the busiest generator; null where nobody noted it"
    )
    unsent: int = 0
    generator_bound: bool = False
    reason: str = Field(default="", description="why it is; empty when it is not")


def find_validity(
    recorded: Sequence[Sample], cpu: float | None, tightest_ms: float | None
) -> Validity:
    """Whether the generators kept up while they took `recorded`.

    cpu: their share of a core. tightest_ms: the tightest latency objective; None without one.
    """
    samples = Samples.of(recorded)
    sent = samples.where("outcome", lambda outcome: outcome is not Outcome.UNSENT)
    lags_ms = sent.numbers("send_lag_ms")
    unsent = len(samples) - len(lags_ms)
    lag_ms = percentile(lags_ms, 0.99)
    reason = _unsent(unsent, len(samples)) or _late(lags_ms, lag_ms, tightest_ms) or _busy(cpu)
    return Validity(
        send_lag_ms_p99=lag_ms,
        cpu_share=cpu,
        unsent=unsent,
        generator_bound=bool(reason),
        reason=reason,
    )


def find_validity_between(
    samples: Sequence[Sample],
    vitals: Iterable[Vital],
    stretch: tuple[datetime, datetime],
    tightest_ms: float | None,
    *,
    generators: int = 1,
) -> Validity:
    """The same, with what the generators noted in that stretch of time.

    generators: so many share the load. The end of the only one is noticed at once by whoever
    started it; of several, the samples of one may be missing among those of the others.
    """
    noted = tuple(vitals)
    found = find_validity(samples, cpu_share(noted, *stretch), tightest_ms)
    silent = find_silent(noted, *stretch, generators) if generators > 1 else {}
    if not silent or found.generator_bound:
        return found
    return found.model_copy(update={"generator_bound": True, "reason": _silent(silent, generators)})


def _silent(silent_s: Mapping[int, float], generators: int) -> str:
    one, seconds = max(silent_s.items(), key=lambda item: item[1])
    return (
        f"a part of the load may be missing: generator {one} of {generators} left no note of "
        f"{seconds:.0f} s that others noted; look at its worker, and at the run's folder there"
    )


def _unsent(unsent: int, scheduled: int) -> str:
    if not scheduled or unsent / scheduled <= UNSENT_SHARE_MAX:
        return ""
    return (
        f"the load generator never sent {unsent} of {scheduled:,} requests "
        f"({unsent / scheduled:.1%}, at most {UNSENT_SHARE_MAX:.0%}); {NEXT}"
    )


def _late(lags_ms: Sequence[float], p99_ms: float | None, tightest_ms: float | None) -> str:
    if tightest_ms is None or p99_ms is None:
        return ""
    bound_ms = SEND_LAG_SHARE_MAX * tightest_ms
    if p99_ms <= bound_ms:
        return ""
    late = sum(lag_ms > bound_ms for lag_ms in lags_ms)
    if late < LATE_MIN or late <= math.floor(0.01 * len(lags_ms)):
        return ""
    return (
        f"the load generator was late: p99 of its send lag is {p99_ms:,.0f} ms, over "
        f"{SEND_LAG_SHARE_MAX:.0%} of the tightest latency objective ({tightest_ms:,.0f} ms); "
        f"{NEXT}"
    )


def _busy(cpu: float | None) -> str:
    if cpu is None or cpu <= CPU_SHARE_MAX:
        return ""
    return (
        f"the load generator was busy with itself: it took {cpu:.0%} of a core (at most "
        f"{CPU_SHARE_MAX:.0%}); {NEXT}"
    )
