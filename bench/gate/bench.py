"""What every scenario is given: the lanes, how to break something in them, and how much to do."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.cores import Cores
from bench.gate.lanes import Lane
from bench.gate.peers.envoy import Envoy
from bench.gate.peers.gate import Gate


@dataclass(frozen=True)
class Sizes:
    """How much each scenario does."""

    alternations: int  # of the lanes, so that a slow minute of the machine falls on all of them
    requests: int  # of one connection, per lane and alternation
    load_alternations: int
    load_requests: int  # of 32 connections, per lane and alternation
    streams: int  # one after the other, per lane and alternation
    events: int  # of one stream under load
    clears: int
    held_s: float  # what a held request would wait, were it not released
    delays: int
    leases: int
    open_streams: int
    open_gap_ms: int  # between two events of one; all together make many a second
    open_events: int  # of one stream: it must outlast the opening of the last one and open_for_s
    open_for_s: float


FULL = Sizes(
    alternations=28,
    requests=400,
    load_alternations=6,
    load_requests=20_000,
    streams=12,
    events=400,
    clears=40,
    held_s=5.0,
    delays=400,
    leases=12,
    open_streams=9_500,
    open_gap_ms=5_000,
    open_events=10,
    open_for_s=20.0,
)
QUICK = Sizes(
    alternations=2,
    requests=40,
    load_alternations=1,
    load_requests=600,
    streams=2,
    events=20,
    clears=3,
    held_s=1.0,
    delays=20,
    leases=2,
    open_streams=100,
    open_gap_ms=200,
    open_events=10,
    open_for_s=0.5,
)
# One request through mitmdump costs as much as this many through the others.
_MITMDUMP_SHARE = 20


@dataclass(frozen=True)
class Bench:
    sizes: Sizes
    where: Cores
    folder: Path
    lanes: tuple[Lane, ...]
    gate: Gate
    envoy: Envoy | None
    say: Callable[[str], None]

    @property
    def gate_lane(self) -> Lane:
        return next(lane for lane in self.lanes if lane.name == self.gate.name)

    @property
    def envoy_lane(self) -> Lane:
        return next(lane for lane in self.lanes if lane.name == Envoy.name)

    @staticmethod
    def fewer(lane: Lane, count: int) -> int:
        """`count`, or fewer where each takes so long that the run would never end."""
        return max(count // _MITMDUMP_SHARE, 40) if lane.name == "mitmdump" else count
