"""Which of the requests that fit a rule its fault touches: shares, ramps and sticky keys.

No request draws its own lot: a share is kept exactly, by counting.
"""

import math
import random
from collections import deque
from collections.abc import Sequence

from gameday.domain.sticky import place_of

_BLOCK = 100


class Counted:
    """In each block of 100 requests the same number is chosen, at places that the seed shuffles.

    Shuffled, because every fourth request in a row would fall in with a client that retries.
    """

    __slots__ = ("_chosen", "_place", "_random", "_share", "_target")

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._random = random.Random(f"share {seed}")  # noqa: S311 - repeatable
        self._target = 0  # chosen up to the end of this block, since the first
        self._chosen: frozenset[int] = frozenset()
        self._place = 0  # since the first block

    def choose(self) -> bool:
        place = self._place % _BLOCK
        if place == 0:
            # From the running total, so that a share like 0.255 is kept over two blocks.
            total = math.floor(self._share * (self._place + _BLOCK) + 0.5)
            self._chosen = frozenset(self._random.sample(range(_BLOCK), total - self._target))
            self._target = total
        self._place += 1
        return place in self._chosen


class Ramped:
    """While a share grows: as many as its sum so far says, each a little early or late."""

    __slots__ = ("_next", "_random", "_sum", "_taken")

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"ramp {seed}")  # noqa: S311 - repeatable
        self._sum = 0.0
        self._taken = 0
        self._next = self._random.random()

    def choose(self, share_now: float) -> bool:
        self._sum += share_now
        if self._sum < self._next:
            return False
        self._taken += 1
        self._next = self._taken + self._random.random()
        return True


class Selection:
    """What one rule says of its share."""

    __slots__ = ("_counted", "_later", "_ramp_s", "_ramped", "_seed", "_share")

    def __init__(
        self,
        *,
        share: float,
        ramp_s: float | None,
        seed: int,
        later: Sequence[tuple[float, float]] = (),
    ) -> None:
        """later: further shares, each with the time after which it holds."""
        self._share = share
        self._ramp_s = ramp_s or 0.0
        self._seed = seed
        self._counted = Counted(share, seed)
        self._ramped = Ramped(seed)
        self._later = deque(later)

    def choose(self, armed_for_s: float) -> bool:
        """Whether the next request is chosen. Each call counts one."""
        self._step(armed_for_s)
        if armed_for_s < self._ramp_s:
            return self._ramped.choose(self._share * armed_for_s / self._ramp_s)
        return self._counted.choose()

    def _step(self, armed_for_s: float) -> None:
        while self._later and armed_for_s >= self._later[0][0]:
            _, self._share = self._later.popleft()
            self._counted = Counted(self._share, self._seed)

    def choose_key(self, key: str, armed_for_s: float) -> bool:
        """The same for the same key, for good; a request without one is never chosen.

        Where the share grows, whoever is in it stays in it.
        """
        self._step(armed_for_s)
        if not key:
            return False
        grown = min(1.0, armed_for_s / self._ramp_s) if self._ramp_s else 1.0
        return place_of(key, self._seed) < self._share * grown
