"""What a watch costs in a day: planned at the worst, and as measured."""

from collections.abc import Collection, Sequence

from gameday.domain.price import Price
from gameday.domain.statistics import mean
from gameday.domain.tick import Tick
from gameday.domain.value import Value
from gameday.domain.watch import Watch

TOKENS_MAX = 2000  # of one request and its answer, for the worst case


class Spending(Value):
    """Of one day.

    requests_max, usd_max: at the most; usd_max is None where the target names no prices.
    usd_measured: at what the last `measured_over` ticks cost.
    """

    ticks: float
    requests_max: float
    usd_max: float | None
    usd_measured: float | None = None
    measured_over: int = 0


def most_requests(watch: Watch, turns: Collection[int]) -> int:
    """Of one tick. turns: of each case of the suite, how many requests it takes."""
    longest = sorted(turns, reverse=True)
    return sum(longest[: watch.probes]) + sum(longest[: watch.part])


def spending(
    watch: Watch, turns: Collection[int], prices: Collection[Price], ticks: Sequence[Tick]
) -> Spending:
    """ticks: the last ones, whatever they told."""
    requests = watch.ticks_a_day * most_requests(watch, turns)
    dearest = max((price.dearest_usd_per_mtok for price in prices), default=None)
    costs = [tick.cost_usd for tick in ticks if tick.heard]
    return Spending(
        ticks=watch.ticks_a_day,
        requests_max=requests,
        usd_max=None if dearest is None else requests * TOKENS_MAX * dearest / 1_000_000,
        usd_measured=watch.ticks_a_day * mean(costs) if costs else None,
        measured_over=len(costs),
    )
