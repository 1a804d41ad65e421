"""Calls a function after a given time: never before it, and some microseconds after it.

The loop's own timers count whole milliseconds, from a time that was read when its turn began; an
answer that a fault delays would come up to two milliseconds late. The kernel's timers (timerfd, on
Linux) are exact; where there are none, the loop's are taken.
"""

import asyncio
import contextlib
import ctypes
import heapq
import math
import os
import struct
import sys
import time
from collections.abc import Callable

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_ABSOLUTE = 1  # TFD_TIMER_ABSTIME
_LOOP_S_MIN = 0.001  # what a loop may count in: less, and it would turn until the time is there
_CANCELLED_MIN = 64  # below it, looking for them costs more than they do


class Delay:
    """One call that is to come."""

    __slots__ = ("_delays", "call")

    def __init__(self, delays: "Delays", call: Callable[[], None]) -> None:
        self._delays = delays
        self.call: Callable[[], None] | None = call  # None: it will not come any more

    def cancel(self) -> None:
        if self.call is not None:
            self.call = None
            self._delays.cancelled()


class Delays:
    """All delays of one gate, on one timer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: list[tuple[int, int, Delay]] = []  # due_ns, then the order of asking
        self._asked = 0
        self._cancelled = 0
        self._timer: asyncio.TimerHandle | None = None
        self._descriptor = _open_timer()
        if self._descriptor is not None:
            loop.add_reader(self._descriptor, self._rings)

    def later(self, seconds: float, call: Callable[[], None]) -> Delay:
        """Call it after so many seconds, once, unless it is cancelled."""
        delay = Delay(self, call)
        self._asked += 1
        due_ns = time.monotonic_ns() + math.ceil(seconds * 1e9)
        heapq.heappush(self._queue, (due_ns, self._asked, delay))
        if self._queue[0][2] is delay:
            self._set()
        return delay

    def cancelled(self) -> None:
        """One more of them waits for nothing; forget those when they are the most."""
        self._cancelled += 1
        if self._cancelled > max(_CANCELLED_MIN, len(self._queue) // 2):
            self._queue = [one for one in self._queue if one[2].call is not None]
            heapq.heapify(self._queue)
            self._cancelled = 0

    def close(self) -> None:
        """Let none of them come any more."""
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def _rings(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(BlockingIOError):  # it was set anew in the meantime
                os.read(self._descriptor, 8)
        try:
            # A timer that rings early calls nothing, and is set again.
            while self._queue and self._queue[0][0] <= time.monotonic_ns():
                self._come(heapq.heappop(self._queue)[2])
        finally:
            self._set()

    def _come(self, delay: Delay) -> None:
        call, delay.call = delay.call, None
        if call is None:
            self._cancelled -= 1
        else:
            call()

    def _set(self) -> None:
        """Let the timer ring for the first of the queue."""
        if not self._queue:
            return
        due_ns = self._queue[0][0]
        if self._descriptor is not None:
            _set_timer(self._descriptor, due_ns)
            return
        if self._timer is not None:
            self._timer.cancel()
        left_s = (due_ns - time.monotonic_ns()) / 1e9
        self._timer = self._loop.call_later(max(_LOOP_S_MIN, left_s), self._rings)


def _open_timer() -> int | None:
    """The descriptor of a timer that is not set; None where the kernel has no such timers."""
    if _LIBC is None:
        return None
    descriptor: int = _LIBC.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
    return descriptor if descriptor >= 0 else None


def _set_timer(descriptor: int, due_ns: int) -> None:
    """Let it ring at that time of `time.monotonic_ns`, at once when it is past."""
    once = struct.pack("4l", 0, 0, *divmod(due_ns, 10**9))  # struct itimerspec
    if _LIBC is not None and _LIBC.timerfd_settime(descriptor, _ABSOLUTE, once, None) != 0:
        raise OSError(ctypes.get_errno(), "timerfd_settime")
