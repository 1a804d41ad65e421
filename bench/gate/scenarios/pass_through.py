"""How much longer a request takes through each proxy than without it."""

from bench.gate.bench import Bench
from bench.gate.closed_loop import times_s
from bench.gate.lanes import DIRECT
from bench.goals import Figures
from bench.numbers import at, middle, rounded
from bench.turns import turn
from bench.wire import request


async def measure(bench: Bench) -> Figures:
    """Per lane: the median over alternations of each one's p50, its p99, and the least of all."""
    per_lane: dict[str, list[list[float]]] = {lane.name: [] for lane in bench.lanes}
    asked = request()
    for number in range(bench.sizes.alternations):
        for lane in turn(bench.lanes, number):
            count = bench.fewer(lane, bench.sizes.requests)
            took_us = [1e6 * one for one in await times_s(lane.port, asked, count)]
            per_lane[lane.name].append(took_us)
    direct = _lane(per_lane[DIRECT])
    return {name: _added(_lane(runs), direct) for name, runs in per_lane.items()}


def _lane(runs: list[list[float]]) -> Figures:
    p50s = [at(run, 0.5) for run in runs]
    return {
        "p50_us": middle(p50s),
        "p50_us_quarter": at(p50s, 0.25),
        "p50_us_three_quarters": at(p50s, 0.75),
        "p99_us": middle([at(run, 0.99) for run in runs]),
        "min_us": min(min(run) for run in runs),
    }


def _added(lane: Figures, direct: Figures) -> Figures:
    figures = {name: rounded(value) for name, value in lane.items()}
    added = {f"added_{name}": rounded(lane[name] - direct[name]) for name in ("p50_us", "min_us")}
    return figures | added
