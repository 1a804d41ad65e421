"""Records what has ended when there is time for it: in slices, between requests that are due."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from gameday.probes.exchange import Exchange

# Many one after the other cost less each, as what they need is still in the processor's caches.
_LATER_S = 0.005
_AT_ONCE = 8  # before what is due is sent
_SLICE_S = 0.001  # then the answers that have come are read
_BEHIND_S_MAX = 0.1  # what is older goes before answers: guards must see it, and memory has an end


class Recorder:
    """Calls `record` for each exchange that it takes, and `between` after a few."""

    def __init__(self, record: Callable[[Exchange], None], between: Callable[[], None]) -> None:
        self._record = record
        self._between = between
        self._waiting: deque[Exchange] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, exchange: Exchange) -> None:
        """An exchange that has ended."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(_LATER_S, self._work)
        self._waiting.append(exchange)

    def finish(self) -> None:
        """Record all of them now."""
        while self._waiting:
            self._record_some()

    def _work(self) -> None:
        until = time.monotonic() + _SLICE_S
        while self._waiting and (time.monotonic() < until or self._is_behind()):
            self._record_some()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._work)

    def _is_behind(self) -> bool:
        ended_at = self._waiting[0].finished_at
        return ended_at is not None and ended_at < time.monotonic() - _BEHIND_S_MAX

    def _record_some(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._waiting))):
            self._record(self._waiting[0])
            # Taken away only now: what ends meanwhile finds somebody at work.
            self._waiting.popleft()
        self._between()
