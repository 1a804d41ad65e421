"""Conversations whose user reads and thinks, before the next question is asked."""

import asyncio
import time
from collections.abc import Callable


class Pauses:
    """Needs a running event loop."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.TimerHandle, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def then(self, at: float, turns_left: int, ask: Callable[[], None]) -> None:
        """Call `ask` at that time.monotonic(), or at once where that is over."""

        def asked() -> None:
            del self._waiting[timer]
            ask()

        loop = asyncio.get_running_loop()
        timer = loop.call_later(max(0.0, at - time.monotonic()), asked)
        self._waiting[timer] = turns_left

    def end(self) -> int:
        """Ask nothing more; returns how many turns will never be asked."""
        never = sum(self._waiting.values())
        for timer in self._waiting:
            timer.cancel()
        self._waiting.clear()
        return never
