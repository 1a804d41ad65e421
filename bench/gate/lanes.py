"""Brings up the upstream and, side by side, every proxy that is to be measured over it."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import cores
from bench.gate.peers import Peer
from gameday.supervisor.child import Child
from gameday.supervisor.ports import answers

DIRECT = "direct"
_READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Lane:
    """One way from the client to the upstream."""

    name: str
    port: int
    pid: int


@contextmanager
def opened(
    peers: Sequence[Peer], upstream_port: int, where: cores.Cores, folder: Path
) -> Iterator[tuple[Lane, ...]]:
    """The direct lane first, then one for each peer; all processes end with the block."""
    with ExitStack() as stack:

        def kept(child: Child) -> Child:
            stack.callback(child.stop)
            return child

        upstream = kept(_start_upstream(upstream_port, where, folder))
        children = [kept(_start(peer, upstream_port, where, folder)) for peer in peers]
        ports = [upstream_port, *(peer.port for peer in peers)]
        lanes = []
        for child, port in zip([upstream, *children], ports, strict=True):
            child.wait_ready(partial(answers, port), within_s=_READY_WITHIN_S)
            lanes.append(Lane(child.name, port, child.pid))
        yield tuple(lanes)


def _start_upstream(port: int, where: cores.Cores, folder: Path) -> Child:
    argv = [sys.executable, "-m", "bench.gate.upstream", "--port", str(port)]
    child = Child(DIRECT, argv, log=folder / "upstream.log")
    with cores.on(where.rest):
        child.start()
    return child


def _start(peer: Peer, upstream_port: int, where: cores.Cores, folder: Path) -> Child:
    own = folder / peer.name
    own.mkdir()
    with cores.on(where.measured):
        return peer.start(own, upstream_port)
