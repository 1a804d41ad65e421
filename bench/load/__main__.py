"""`python -m bench.load`: measures the load generator beside its peers, prints one document."""

import tempfile
from pathlib import Path

from bench import cores, machine, nginx
from bench.command import Benchmark, main, say, say_versions
from bench.goals import Figures, judged
from bench.load import goals, report
from bench.load.bench import FULL, QUICK, Bench
from bench.load.clients import Peer
from bench.load.clients.aiohttp import Aiohttp
from bench.load.clients.hey import Hey
from bench.load.clients.locust import Locust
from bench.load.clients.wrk import Wrk
from bench.load.scenarios import freeze, lateness, rates, streams

_SCENARIOS = {"freeze": freeze, "rates": rates, "streams": streams, "lateness": lateness}
_NICE = -10


def run(quick: bool, alone: bool) -> Figures:
    """The whole document. alone: without the peers and without nginx, installed or not."""
    # A short run judges nothing, and may be one of many tests at once.
    where = cores.choose(nice=0 if quick else _NICE)
    known: tuple[Peer, ...] = (Wrk(), Hey(), Locust(), Aiohttp())
    versions = {peer.name: "" if alone else peer.version() for peer in known}
    versions["nginx"] = "" if alone else nginx.version()
    say_versions(versions, alone=alone)
    here = machine.describe(where)
    with tempfile.TemporaryDirectory() as name, cores.on(where.rest):
        bench = Bench(
            sizes=QUICK if quick else FULL,
            where=where,
            folder=Path(name),
            peers=tuple(peer for peer in known if versions[peer.name]),
            has_nginx=bool(versions["nginx"]),
            say=say,
        )
        figures = _measure(bench)
    compared = goals.ratios(figures)
    return {
        "quick": quick,
        "alternations": bench.sizes.alternations,
        "ratios": compared,
        "goals": judged(figures, compared, goals.GOALS),
        "figures": figures,
        "peers": {name: found or None for name, found in versions.items()},
        "machine": here,
    }


def _measure(bench: Bench) -> Figures:
    figures = {}
    for name, scenario in _SCENARIOS.items():
        bench.say(f"measuring {name}")
        figures[name] = scenario.measure(bench)
    return figures


BENCHMARK = Benchmark("load", __doc__, run, report.table, report.markdown)

if __name__ == "__main__":
    raise SystemExit(main(BENCHMARK))
