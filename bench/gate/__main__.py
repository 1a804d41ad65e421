"""`python -m bench.gate`: measures the gate beside its peers and prints one document."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from bench.gate import cores, goals, lanes, machine, report
from bench.gate.bench import FULL, QUICK, Bench, Figures
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
from gameday.domain.errors import GamedayError
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 2 with a sentence when it cannot be run. A goal that is not met is no error."""
    asked = _parse(arguments)
    try:
        document = run(quick=asked.quick, alone=asked.alone)
    except GamedayError as error:
        say(error.sentence)
        if error.next_step:
            say(f"  next  {error.next_step}")
        return int(error.exit_code)
    if asked.write_results:
        report.RESULTS.write_text(report.markdown(document))
    print(json.dumps(document, indent=2) if asked.json else report.table(document))
    return 0


def run(*, quick: bool, alone: bool) -> Figures:
    """The whole document. alone: without the peers, installed or not."""
    sizes, where = QUICK if quick else FULL, cores.choose()
    # All at once: a port that is free now may be one that another part is about to take.
    ports = iter(free_ports(7 + _IDLE_LISTENERS))
    upstream_port = next(ports)
    envoy = Envoy(next(ports), next(ports), delay_s=sizes.held_s)
    known: tuple[Peer, ...] = (Nginx(next(ports)), envoy, Mitmdump(next(ports)))
    versions = {peer.name: "" if alone else peer.version() for peer in known}
    for name, found in versions.items():
        say(f"{name} {found or 'is not measured'}")
    if not alone and not all(versions.values()):
        say("  next  bash scripts/install_bench_peers.sh")
    gate = Gate(*ports)
    here = machine.describe(where)
    with tempfile.TemporaryDirectory() as name, cores.on(where.load):
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
    ratios = goals.ratios(figures)
    return {
        "quick": quick,
        "ratios": ratios,
        "goals": goals.judged(figures, ratios, goals.goals(sizes.open_streams)),
        "figures": figures,
        "peers": {name: found or None for name, found in versions.items()},
        "machine": here,
    }


def say(line: str) -> None:
    """Progress is not the result."""
    print(line, file=sys.stderr, flush=True)


async def _measure(bench: Bench) -> dict[str, Any]:
    figures = {}
    try:
        for name, scenario in _SCENARIOS.items():
            bench.say(f"measuring {name}")
            figures[name] = await scenario.measure(bench)
    finally:
        bench.gate.admin.close()
    return figures


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.gate", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the whole document on stdout")
    parser.add_argument("--quick", action="store_true", help="seconds; its figures judge nothing")
    parser.add_argument("--alone", action="store_true", help="the gate without its peers")
    parser.add_argument("--write-results", action="store_true", help=f"write {report.RESULTS}")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
