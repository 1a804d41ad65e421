"""Ends exchanges that take too long, with one timer for all of them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from gameday.probes.exchange import Exchange


class Deadlines:
    """Each exchange has the same time from when it was sent, so the first sent is due first."""

    def __init__(self, after_s: float, expired: Callable[[Exchange], None]) -> None:
        self.after_s = after_s
        self._expired = expired
        self._watched: deque[Exchange] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, exchange: Exchange) -> None:
        self._watched.append(exchange)
        if self._timer is None:
            self._arm()

    def close(self) -> None:
        self._watched.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        """Set the timer for the first that is still under way."""
        while self._watched and self._watched[0].finished_at is not None:
            self._watched.popleft()
        self._timer = None
        if self._watched:
            wait_s = self._watched[0].sent_at + self.after_s - time.monotonic()
            # The loop's clock counts whole milliseconds; one less would look again and again.
            wait_s = max(0.001, wait_s)
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._look)

    def _look(self) -> None:
        late = time.monotonic() - self.after_s
        while self._watched and self._watched[0].sent_at <= late:
            exchange = self._watched.popleft()
            if exchange.finished_at is None:
                self._expired(exchange)
        self._arm()
