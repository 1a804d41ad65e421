"""Whoever sends: the generator itself and the clients that it is measured beside, a file each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.load.running import Command
from bench.wire import PATH
from gameday.supervisor.ports import LOOPBACK

CONNECTIONS = 32  # of a closed loop


@dataclass(frozen=True)
class Said:
    """What a client itself reports. answered: requests; latencies by nearest rank."""

    answered: int
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @property
    def quantiles(self) -> dict[str, float]:
        return {"p50": self.p50_ms, "p95": self.p95_ms, "p99": self.p99_ms}


class Peer(Protocol):
    """A client of somebody else. Files that it needs go into `folder`, which is its own."""

    name: str
    keeps_rates: bool  # whether `paced` is asked for any rate and can be held to it

    def version(self) -> str:
        """What it says of itself, '' when it is not installed."""

    def closed(self, port: int, lasts_s: float, folder: Path) -> Command:
        """As many requests as it can, CONNECTIONS of them in flight."""

    def paced(self, port: int, rate_per_s: int, lasts_s: float, folder: Path) -> Command:
        """So many requests a second, as well as it can."""

    def read(self, output: str) -> Said:
        """What it said at its end of a run of `paced`."""


class Streamer(Protocol):
    """Who can be asked for streams on a schedule."""

    name: str

    def streams(self, port: int, rate_per_s: int, lasts_s: float, folder: Path) -> Command:
        """So many streams begun a second."""


def url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}{PATH}"
