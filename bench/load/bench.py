"""What every scenario is given: who is measured, where, and how much is to be done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.cores import Cores
from bench.load.clients import Peer
from bench.load.clients.aiohttp import Aiohttp
from bench.load.clients.gameday import Gameday
from bench.load.truth import Freeze


@dataclass(frozen=True)
class Sizes:
    """How much each scenario does. Times in seconds."""

    alternations: int  # of the lanes
    freeze_rate_per_s: int
    freeze_lasts_s: float  # the load
    freeze: Freeze  # of the server, in it
    rate_first_per_s: float  # where the search for the honest rate begins
    rates_max: int  # that it looks at
    warm_s: float  # before each window
    window_s: float
    lateness_lasts_s: float


FULL = Sizes(
    alternations=3,
    freeze_rate_per_s=200,
    freeze_lasts_s=12.0,
    freeze=Freeze(5.0, 6.0),
    rate_first_per_s=6_000.0,
    rates_max=12,
    warm_s=0.5,
    window_s=1.5,
    lateness_lasts_s=4.0,
)
QUICK = Sizes(
    alternations=1,
    freeze_rate_per_s=100,
    freeze_lasts_s=2.0,
    freeze=Freeze(0.8, 1.1),
    rate_first_per_s=100.0,
    rates_max=2,
    warm_s=0.1,
    window_s=0.4,
    lateness_lasts_s=0.5,
)
_LEFT_OVER_S = 0.5  # how much longer than its window a client works
_NUMBERS = count(1)


@dataclass(frozen=True)
class Bench:
    sizes: Sizes
    where: Cores
    folder: Path
    peers: tuple[Peer, ...]  # those that are installed
    has_nginx: bool
    say: Callable[[str], None]
    gameday: Gameday = field(default_factory=Gameday)

    @property
    def aiohttp(self) -> Aiohttp | None:
        return next((peer for peer in self.peers if isinstance(peer, Aiohttp)), None)

    @property
    def lasts_s(self) -> float:
        """How long a client works that is looked at for one window."""
        return self.sizes.warm_s + self.sizes.window_s + _LEFT_OVER_S

    def new_folder(self, name: str) -> Path:
        folder = self.folder / f"{name}-{next(_NUMBERS)}"
        folder.mkdir()
        return folder
