"""Ends exchanges that take too long, with one timer for all of them."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from gameday.probes.exchange import Exchange


class Deadlines:
    """Each exchange has the same time from when it was sent, so the first sent is due first.

    It holds those that are under way and no other, however long their time is.
    """

    def __init__(self, after_s: float, expired: Callable[[Exchange], None]) -> None:
        self.after_s = after_s
        self._expired = expired
        self._watched: OrderedDict[Exchange, None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._watched)

    def watch(self, exchange: Exchange) -> None:
        self._watched[exchange] = None
        if self._timer is None:
            self._arm(exchange)

    def forget(self, exchange: Exchange) -> None:
        """It has ended. Repeatable."""
        self._watched.pop(exchange, None)

    def watched(self) -> list[Exchange]:
        """Those under way, the first sent first."""
        return list(self._watched)

    def close(self) -> None:
        self._watched.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, first: Exchange) -> None:
        wait_s = first.sent_at + self.after_s - time.monotonic()
        # The loop's clock counts whole milliseconds; one less would look again and again.
        self._timer = asyncio.get_running_loop().call_later(max(0.001, wait_s), self._look)

    def _look(self) -> None:
        """End those whose time is over; come back for the first that is still under way."""
        self._timer = None
        late = time.monotonic() - self.after_s
        while self._watched:
            exchange = next(iter(self._watched))
            if exchange.sent_at > late:
                self._arm(exchange)
                return
            self.forget(exchange)
            self._expired(exchange)
