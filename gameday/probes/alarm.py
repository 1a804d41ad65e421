"""Rings on the event loop at a moment of time.monotonic(), some tens of microseconds late.

The loop's own timers count whole milliseconds: a request that is due in between would leave up to
a millisecond late. The kernel has timers that can be waited for like a connection.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable

_MONOTONIC, _AT_THAT_MOMENT = 1, 1  # CLOCK_MONOTONIC and TFD_TIMER_ABSTIME of Linux


class _Span(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("every", _Span), ("first", _Span))


_kernel = ctypes.CDLL(None, use_errno=True)  # Python itself has them from 3.13 on


class Alarm:
    """Calls `ring` once for each `set`, unless another `set` or `close` comes before."""

    def __init__(self, ring: Callable[[], None]) -> None:
        """Needs a running event loop. Raises OSError where the kernel gives no timer."""
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._timer = _checked(_kernel.timerfd_create(_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC))
        self._loop.add_reader(self._timer, self._rings)

    def set(self, at: float) -> None:
        """Ring at `at`; when that is over, at the loop's next turn."""
        seconds, rest = divmod(at, 1.0)
        # All zero would mean: never.
        first = _Span(int(seconds), max(1, int(rest * 1e9)))
        setting = _Setting(_Span(0, 0), first)
        _checked(_kernel.timerfd_settime(self._timer, _AT_THAT_MOMENT, ctypes.byref(setting), None))

    def close(self) -> None:
        """Ring no more. Repeatable."""
        if self._timer >= 0:
            self._loop.remove_reader(self._timer)
            os.close(self._timer)
            self._timer = -1

    def _rings(self) -> None:
        try:
            os.read(self._timer, 8)  # how often it rang; unread, it would go on ringing
        except BlockingIOError:  # it has just been set anew
            return
        self._ring()


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
