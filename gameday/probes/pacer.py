"""Does what a schedule says when it says so, on the event loop, and other work between."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

_AT_ONCE_MAX = 64  # of an overdue schedule, before answers are read again


class _Timed(Protocol):
    @property
    def at(self) -> float: ...


Slot = TypeVar("Slot", bound=_Timed)


class Pacer(Generic[Slot]):
    """Calls `send` for each slot at its time, never before, and as soon as it can after.

    Slots that are overdue are all sent, each with its own lateness: a schedule is never stretched
    or skipped to make up for a late sender.
    """

    def __init__(self, slots: Iterator[Slot], send: Callable[[Slot], None]) -> None:
        self._slots = slots
        self._send = send
        self._next = next(slots, None)
        self._timer: asyncio.Handle | None = None
        self.ended = asyncio.Event()
        self.stopped = False

    def start(self) -> None:
        self._tick()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = None
        self.stopped = True
        self.ended.set()

    def send_due(self) -> None:
        """Send what is due by now; for long work to call in between."""
        for _ in range(_AT_ONCE_MAX):
            slot = self._next
            if slot is None or slot.at > time.monotonic():
                return
            self._next = next(self._slots, None)
            self._send(slot)

    def _tick(self) -> None:
        self.send_due()
        if self._next is None:
            self.ended.set()
            return
        loop = asyncio.get_running_loop()
        wait_s = self._next.at - time.monotonic()
        # uvloop rounds to whole milliseconds: below half of one it would look again and again.
        self._timer = (
            loop.call_later(max(wait_s, 0.0006), self._tick)
            if wait_s > 0
            else loop.call_soon(self._tick)
        )
