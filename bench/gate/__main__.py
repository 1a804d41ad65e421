"""`python -m bench.gate`: measures the gate beside its peers and prints one document."""

import tempfile
from pathlib import Path
from typing import Any

import uvloop

from bench import cores, machine
from bench.command import Benchmark, main, say, say_versions
from bench.gate import goals, lanes, report
from bench.gate.bench import FULL, QUICK, Bench
from bench.gate.peers import Peer
from bench.gate.peers.envoy import Envoy
from bench.gate.peers.gate import Gate
from bench.gate.peers.mitmdump import Mitmdump
from bench.gate.peers.nginx import Nginx
from bench.gate.scenarios import (
    clearing,
    injecting,
    leases,
    load,
    open_streams,
    pass_through,
    streams,
)
from bench.goals import Figures, judged, ratios
from gameday.supervisor.ports import free_ports

_SCENARIOS = {
    "pass_through": pass_through,
    "load": load,
    "streams": streams,
    "clearing": clearing,
    "injecting": injecting,
    "leases": leases,
    "open_streams": open_streams,
}
_IDLE_LISTENERS = 100


def run(quick: bool, alone: bool) -> Figures:
    """The whole document. alone: without the peers, installed or not."""
    sizes, where = QUICK if quick else FULL, cores.choose()
    # All at once: a port that is free now may be one that another part is about to take.
    ports = iter(free_ports(7 + _IDLE_LISTENERS))
    upstream_port = next(ports)
    envoy = Envoy(next(ports), next(ports), delay_s=sizes.held_s)
    known: tuple[Peer, ...] = (Nginx(next(ports)), envoy, Mitmdump(next(ports)))
    versions = {peer.name: "" if alone else peer.version() for peer in known}
    say_versions(versions, alone=alone)
    gate = Gate(*ports)
    here = machine.describe(where)
    with tempfile.TemporaryDirectory() as name, cores.on(where.rest):
        folder = Path(name)
        peers = [gate, *(peer for peer in known if versions[peer.name])]
        with lanes.opened(peers, upstream_port, where, folder) as opened:
            bench = Bench(
                sizes=sizes,
                where=where,
                folder=folder,
                lanes=opened,
                gate=gate,
                envoy=envoy if versions[envoy.name] else None,
                say=say,
            )
            figures = uvloop.run(_measure(bench))
    compared = ratios(figures, goals.RATIOS)
    return {
        "quick": quick,
        "ratios": compared,
        "goals": judged(figures, compared, goals.goals(sizes.open_streams)),
        "figures": figures,
        "peers": {name: found or None for name, found in versions.items()},
        "machine": here,
    }


async def _measure(bench: Bench) -> dict[str, Any]:
    figures = {}
    try:
        for name, scenario in _SCENARIOS.items():
            bench.say(f"measuring {name}")
            figures[name] = await scenario.measure(bench)
    finally:
        bench.gate.admin.close()
    return figures


BENCHMARK = Benchmark("gate", __doc__, run, report.table, report.markdown)

if __name__ == "__main__":
    raise SystemExit(main(BENCHMARK))
