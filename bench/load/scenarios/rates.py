"""How many requests a second from one core, every sample kept, and what one costs.

The generator's rate is the highest of an open loop that it keeps honestly: it sends each request
within 5 ms of its time in 99 of 100 cases, leaves none unsent, and has each one's sample. A peer's
rate is all that it can do with 32 requests in flight in a closed loop, whatever it says of their
times. No schedule can ask more of it than that, so the comparison is in the peers' favour.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from bench.goals import Figures
from bench.load import servers
from bench.load.bench import Bench
from bench.load.clients import CONNECTIONS, Peer
from bench.load.costs import Cost, watch
from bench.load.running import running
from bench.load.search import highest
from bench.numbers import middle, rounded
from bench.turns import turn

SEND_LAG_MS_P99_MAX = 5.0
_ENDS_WITHIN_S = 60.0


@dataclass(frozen=True)
class _Honest:
    rate_per_s: float
    send_lag_ms_p99: float
    cost: Cost


def measure(bench: Bench) -> Figures:
    """Per client: medians over the alternations. Without nginx no peer is measured."""
    lanes: list[Peer | None] = [None, *(bench.peers if bench.has_nginx else ())]
    sizes, honest = bench.sizes, list[_Honest]()
    costs: dict[str, list[Cost]] = {}
    with _server(bench) as server:
        for number in range(sizes.alternations):
            for peer in turn(lanes, number):
                if peer is None:
                    first = honest[-1].rate_per_s if honest else sizes.rate_first_per_s
                    trial = partial(_trial, bench, server)
                    found = highest(trial, first, sizes.rate_steps, sizes.rate_halvings)
                    honest += [found] if found else []
                else:
                    costs.setdefault(peer.name, []).append(_closed(bench, server, peer))
    figures = {name: _figures(found) for name, found in costs.items()}
    figures[bench.gameday.name] = _honest_figures(honest)
    server_is = "nginx" if bench.has_nginx else "own"
    return {"server": server_is, "connections": CONNECTIONS, **figures}


@contextmanager
def _server(bench: Bench) -> Iterator[servers.StaticServer | servers.OwnServer]:
    start = servers.static if bench.has_nginx else servers.own
    with start(bench.where, bench.new_folder("rates-server")) as server:
        yield server


def _trial(
    bench: Bench, server: servers.StaticServer | servers.OwnServer, rate_per_s: float
) -> _Honest | None:
    folder, sizes = bench.new_folder("rate"), bench.sizes
    command = bench.gameday.paced(server.port, rate_per_s, bench.lasts_s, folder)
    with running(command, bench.where, folder) as client:
        cost = watch(client, server.requests, warm_s=sizes.warm_s, window_s=sizes.window_s)
        client.result(within_s=_ENDS_WITHIN_S)
    report = bench.gameday.report(rate_per_s, bench.lasts_s, folder)
    lag_ms = report.send_lag_ms_p99
    kept = report.whole and lag_ms <= SEND_LAG_MS_P99_MAX
    bench.say(f"  {rate_per_s:,.0f}/s: send lag p99 {lag_ms:.2f} ms{'' if kept else ', not kept'}")
    return _Honest(rate_per_s, lag_ms, cost) if kept else None


def _closed(bench: Bench, server: servers.StaticServer | servers.OwnServer, peer: Peer) -> Cost:
    folder, sizes = bench.new_folder(peer.name), bench.sizes
    # Longer than it is looked at, so that no client is at its end then.
    command = peer.closed(server.port, bench.lasts_s + 1, folder)
    with running(command, bench.where, folder) as client:
        return watch(client, server.requests, warm_s=sizes.warm_s, window_s=sizes.window_s)


def _honest_figures(honest: list[_Honest]) -> Figures:
    if not honest:
        return {"requests_per_s": 0}  # it kept no rate
    return _figures([one.cost for one in honest]) | {
        # What was scheduled, sent and answered; the window may have caught a few more or less.
        "requests_per_s": round(middle([one.rate_per_s for one in honest])),
        "send_lag_p99_ms": rounded(middle([one.send_lag_ms_p99 for one in honest])),
    }


def _figures(costs: list[Cost]) -> Figures:
    return {
        "requests_per_s": round(middle([cost.per_s for cost in costs])),
        "cpu_us_per_request": rounded(middle([cost.cpu_us_each for cost in costs])),
        "cpu_share": rounded(middle([cost.cpu_share for cost in costs])),
    }
