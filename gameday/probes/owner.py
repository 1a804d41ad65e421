"""A generator's side of the pipe to whoever started it: beats, and when to begin.

Dots are beats; a line `go NANOSECONDS` of wall time says when the load begins. When nothing comes
for `BEAT_S_MAX`, or the pipe is closed, nobody watches any more. Before the load has begun it waits
longer, for nothing is sent, and generators on other hosts may take their time to be ready.
"""

import asyncio
import re
import sys
import time
from typing import Any

BEAT_S_MAX = 10.0
BEGIN_S_MAX = 60.0
READY = b"ready\n"
_GO = re.compile(rb"go ([0-9]{1,20})\n")


def go_line(at_s: float) -> bytes:
    """What tells a generator to begin at `at_s` of wall time."""
    return f"go {round(at_s * 1e9)}\n".encode()


class Owner:
    """Whoever started this generator, as far as the pipe tells."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self._go: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._watching = asyncio.create_task(self._watch())

    async def begin(self) -> float | None:
        """Say that all is ready; the moment to begin, as time.monotonic(). None: nobody is there.

        Wall time, because generators on several hosts begin together.
        """
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        gone = asyncio.create_task(self.gone.wait())
        either: set[asyncio.Future[Any]] = {gone, self._go}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        return self._go.result() if self._go.done() else None

    def leave(self) -> None:
        self._watching.cancel()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        said = b""
        while True:
            try:
                # Not wait_for: cancelled when a beat has just come, it would take it and go on.
                async with asyncio.timeout(BEAT_S_MAX if self._go.done() else BEGIN_S_MAX):
                    beat = await reader.read(64)
            except TimeoutError:
                break
            if not beat:
                break
            said = (said + beat).lstrip(b".")
            if (found := _GO.search(said)) and not self._go.done():
                self._go.set_result(int(found[1]) / 1e9 - time.time() + time.monotonic())
                said = b""
        self.gone.set()
