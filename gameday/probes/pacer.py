"""Does what a schedule says when it says so, on the event loop, and other work between."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from gameday.gate.delays import Delays

_AT_ONCE_MAX = 64  # of an overdue schedule, before answers are read again
# Slots nearer to each other leave together: to wake up for each would cost as much as to send it.
_TOGETHER_S = 0.000_5


class _Timed(Protocol):
    @property
    def at(self) -> float: ...


Slot = TypeVar("Slot", bound=_Timed)


class Pacer(Generic[Slot]):
    """Calls `send` for each slot at its time, never before, and as soon as it can after.

    Needs a running event loop; it holds a timer of the kernel until it has ended.

    Slots that are overdue are all sent, each with its own lateness: a schedule is never stretched
    or skipped to make up for a late sender.
    """

    def __init__(self, slots: Iterator[Slot], send: Callable[[Slot], None]) -> None:
        self._slots = slots
        self._send = send
        self._next = next(slots, None)
        self._delays = Delays(asyncio.get_running_loop())
        self.ended = asyncio.Event()
        self.stopped = False

    def start(self) -> None:
        self._tick()

    def stop(self) -> None:
        """Send nothing more. Repeatable."""
        self._next = None
        self.stopped = True
        self._end()

    def send_due(self) -> None:
        """Send what is due by now; for long work to call in between."""
        slot, sent = self._next, 0
        while slot is not None and slot.at <= time.monotonic() and sent < _AT_ONCE_MAX:
            self._next = next(self._slots, None)
            self._send(slot)
            slot, sent = self._next, sent + 1

    def _tick(self) -> None:
        self.send_due()
        if self._next is None:
            self._end()
        else:
            wait_s = self._next.at - time.monotonic()
            self._delays.later(max(wait_s, _TOGETHER_S), self._tick)

    def _end(self) -> None:
        self.ended.set()
        self._delays.close()
