"""What one request costs each proxy in processor time, at 32 requests in flight."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.gate.bench import Bench
from bench.gate.closed_loop import times_s
from bench.gate.lanes import Lane
from bench.goals import Figures
from bench.numbers import middle, rounded
from bench.processes import cpu_s, resident_bytes
from bench.turns import turn
from bench.wire import request

CONNECTIONS = 32
BARE, WATCHED = "gate_without_rules", "gate_watched"


async def measure(bench: Bench) -> Figures:
    """Per lane. The gate with all its idle rules; without any; and with a run's watch as well."""
    costs: dict[str, list[float]] = {}
    rates: dict[str, list[float]] = {}
    for number in range(bench.sizes.load_alternations):
        for lane in turn(bench.lanes, number):
            for name in _variants(bench, lane, number):
                async with _in_force(bench, name):
                    cost, rate = await _load(bench, lane)
                costs.setdefault(name, []).append(cost)
                rates.setdefault(name, []).append(rate)
    resident = {lane.name: resident_bytes(lane.pid) for lane in bench.lanes}
    figures = {
        name: {
            "cpu_us_per_request": rounded(middle(costs[name])),
            "requests_per_s": round(middle(rates[name])),
        }
        for name in costs
    }
    for name, size in resident.items():
        figures[name]["resident_mb"] = rounded(size / 1e6)
    return {"idle_rules": len(bench.gate.idle_rules()), "connections": CONNECTIONS, **figures}


def _variants(bench: Bench, lane: Lane, number: int) -> list[str]:
    if lane != bench.gate_lane:
        return [lane.name]
    return turn([BARE, lane.name, WATCHED], number)


@asynccontextmanager
async def _in_force(bench: Bench, name: str) -> AsyncIterator[None]:
    """What the gate bears during one variant."""
    admin = bench.gate.admin
    armed = bench.gate.idle_rules() if name in {bench.gate.name, WATCHED} else []
    for rule in armed:
        await admin.put(rule)
    if name == WATCHED:
        await admin.watch()
    try:
        yield
    finally:
        if name == WATCHED:
            await admin.unwatch()
        for rule in armed:
            await admin.clear(rule.id)


async def _load(bench: Bench, lane: Lane) -> tuple[float, float]:
    """Microseconds of processor time a request, and requests a second."""
    count = bench.fewer(lane, bench.sizes.load_requests)
    before_s, since_s = cpu_s(lane.pid), time.perf_counter()
    await times_s(lane.port, request(), count, connections=CONNECTIONS)
    spent_s, elapsed_s = cpu_s(lane.pid) - before_s, time.perf_counter() - since_s
    sent = count + CONNECTIONS  # each connection's first request has no time, but its cost
    return 1e6 * spent_s / sent, sent / elapsed_s
