"""How many requests a second from one core, every sample kept, and what one costs.

A rate is honest when the server counts what was asked for, and when over a server that answers at
once 99 of 100 requests take no more than 10 ms from when they were due, by the client's own word
and once it is warm. Beyond that are its own late sending and its own late reading, whatever it
calls them. And the generator must have a sample of each scheduled request, and each of them
answered. A client whose times do not count from when requests were due can only be held to the
server's count.

Every peer is also measured in a closed loop of 32 requests in flight. For one that keeps no rate
that is all there is, and it is in its favour: no schedule can ask more of a client.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.goals import Figures
from bench.load import servers
from bench.load.bench import Bench
from bench.load.clients import CONNECTIONS, Peer
from bench.load.clients.aiohttp import Aiohttp
from bench.load.clients.gameday import Gameday
from bench.load.costs import Cost, watch
from bench.load.running import ClientFailedError, running
from bench.load.search import highest
from bench.numbers import at, middle, rounded
from bench.turns import turn

LATENCY_MS_P99_MAX = 10.0  # 5 % of 200 ms, as the generator judges itself
SHARE_SERVED_MIN = 0.98  # of the rate; the window's edges cut a few requests off
_ENDS_WITHIN_S = 60.0

Server = servers.StaticServer | servers.OwnServer
Client = Gameday | Peer


@dataclass(frozen=True)
class Honest:
    """A rate that was kept, and what was told of it; None for what the client does not tell."""

    rate_per_s: float
    latency_ms_p99: float | None
    send_lag_ms_p99: float | None
    cost: Cost


def measure(bench: Bench) -> Figures:
    """Per client: medians over the alternations. Without nginx no peer is measured."""
    lanes: list[Client] = [bench.gameday, *(bench.peers if bench.has_nginx else ())]
    found: dict[str, list[Honest]] = {lane.name: [] for lane in lanes}
    closed: dict[str, list[Cost]] = {lane.name: [] for lane in lanes}
    with _server(bench) as server:
        for number in range(bench.sizes.alternations):
            for lane in turn(lanes, number):
                if lane.keeps_rates:
                    found[lane.name] += _search(bench, server, lane, found[lane.name])
                if not isinstance(lane, Gameday):
                    closed[lane.name].append(_closed(bench, server, lane))
    return {
        "server": "nginx" if bench.has_nginx else "own",
        "connections": CONNECTIONS,
        **{lane.name: _figures(lane, found[lane.name], closed[lane.name]) for lane in lanes},
    }


@contextmanager
def _server(bench: Bench) -> Iterator[Server]:
    start = servers.static if bench.has_nginx else servers.own
    with start(bench.where, bench.new_folder("rates-server")) as server:
        yield server


def _search(bench: Bench, server: Server, lane: Client, before: list[Honest]) -> list[Honest]:
    """The highest rate that it keeps, begun where the search before has ended; none, or one."""
    first = before[-1].rate_per_s if before else bench.sizes.rate_first_per_s
    trial = partial(_trial, bench, server, lane)
    found = highest(trial, first, rates_max=bench.sizes.rates_max)
    return [] if found is None else [found]


def _trial(bench: Bench, server: Server, lane: Client, rate_per_s: float) -> Honest | None:
    folder, sizes, rate = bench.new_folder(f"rate-{lane.name}"), bench.sizes, round(rate_per_s)
    command = lane.paced(server.port, rate, bench.lasts_s, folder)
    with running(command, bench.where, folder) as client:
        cost = watch(client, server.requests, warm_s=sizes.warm_s, window_s=sizes.window_s)
        try:
            output = client.result(within_s=_ENDS_WITHIN_S)
        except ClientFailedError as failed:
            if isinstance(lane, Gameday):
                raise  # it must account for a load that is too much for it
            bench.say(f"  {lane.name} {rate:,}/s: {failed.sentence}, not kept")
            return None
    latency_ms, lag_ms = _told(bench, lane, rate, folder, output)
    served = cost.per_s / rate
    kept = served >= SHARE_SERVED_MIN and (latency_ms or 0.0) <= LATENCY_MS_P99_MAX
    told = "" if latency_ms is None else f", latency p99 {latency_ms:.2f} ms"
    bench.say(f"  {lane.name} {rate:,}/s: {served:.1%} served{told}{'' if kept else ', not kept'}")
    return Honest(rate, latency_ms, lag_ms, cost) if kept else None


def _told(
    bench: Bench, lane: Client, rate: int, folder: Path, output: str
) -> tuple[float | None, float | None]:
    """p99 of the latency from when requests were due, once it is warm, and of the send lag."""
    warm = round(rate * bench.sizes.warm_s)
    if isinstance(lane, Gameday):
        report = bench.gameday.report(rate, bench.lasts_s, folder)
        return _p99(report.by_place, warm) if report.whole else math.inf, report.send_lag_ms_p99
    if isinstance(lane, Aiohttp):
        return _p99(lane.latencies_ms(output), warm), None
    return None, None


def _p99(latencies_ms: Mapping[int, float], first: int) -> float:
    """Of the requests from that place in the schedule on."""
    return at([latency_ms for place, latency_ms in latencies_ms.items() if place >= first], 0.99)


def _closed(bench: Bench, server: Server, peer: Peer) -> Cost:
    folder, sizes = bench.new_folder(peer.name), bench.sizes
    # Longer than it is looked at, so that no client is at its end then.
    command = peer.closed(server.port, bench.lasts_s + 1, folder)
    with running(command, bench.where, folder) as client:
        return watch(client, server.requests, warm_s=sizes.warm_s, window_s=sizes.window_s)


def _figures(lane: Client, honest: list[Honest], closed: list[Cost]) -> Figures:
    """`requests_per_s` is the honest rate, or the closed loop's of who keeps none."""
    costs = [one.cost for one in honest] if lane.keeps_rates else closed
    figures: Figures = {"requests_per_s": 0}  # it kept no rate
    if costs:
        figures = {
            "requests_per_s": round(middle([cost.per_s for cost in costs])),
            "cpu_us_per_request": rounded(middle([cost.cpu_us_each for cost in costs])),
            "cpu_share": rounded(middle([cost.cpu_share for cost in costs])),
        }
    if honest:
        # What was scheduled and served; the window may have caught a few more or less.
        figures["requests_per_s"] = round(middle([one.rate_per_s for one in honest]))
    for name, values in (
        ("latency_p99_ms", [one.latency_ms_p99 for one in honest]),
        ("send_lag_p99_ms", [one.send_lag_ms_p99 for one in honest]),
    ):
        if told := [value for value in values if value is not None]:
            figures[name] = rounded(middle(told))
    if closed:
        figures["closed_per_s"] = round(middle([cost.per_s for cost in closed]))
    return figures
