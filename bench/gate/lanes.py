"""Brings up the upstream and, side by side, every proxy that is to be measured over it."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.gate import cores
from bench.gate.peers import Peer
from gameday.supervisor.child import Child
from gameday.supervisor.ports import answers, free_port

DIRECT = "direct"
_READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Lane:
    """One way from the client to the upstream."""

    name: str
    port: int
    pid: int


@contextmanager
def opened(peers: Sequence[Peer], where: cores.Cores, folder: Path) -> Iterator[tuple[Lane, ...]]:
    """The direct lane first, then one for each peer; all processes end with the block."""
    children: list[Child] = []
    try:
        direct = _start_upstream(where, folder)
        children.append(direct.child)
        started = [direct]
        for peer in peers:
            started.append(_start(peer, where, folder, direct.port))
            children.append(started[-1].child)
        for one in started:
            one.child.wait_ready(partial(answers, one.port), within_s=_READY_WITHIN_S)
        yield tuple(Lane(one.child.name, one.port, one.child.pid) for one in started)
    finally:
        for child in reversed(children):
            child.stop()


@dataclass(frozen=True)
class _Started:
    child: Child
    port: int


def _start_upstream(where: cores.Cores, folder: Path) -> _Started:
    port = free_port()
    argv = [sys.executable, "-m", "bench.gate.upstream", "--port", str(port)]
    child = Child(DIRECT, argv, log=folder / "upstream.log")
    with cores.on(where.load):
        child.start()
    return _Started(child, port)


def _start(peer: Peer, where: cores.Cores, folder: Path, upstream_port: int) -> _Started:
    own = folder / f"{peer.name}-{time.monotonic_ns()}"
    own.mkdir()
    port = free_port()
    with cores.on(where.proxy):
        return _Started(peer.start(own, port, upstream_port), port)
