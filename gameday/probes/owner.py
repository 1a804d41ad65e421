"""A generator's side of the pipe to whoever started it: beats, when to begin, and what to ask.

Dots are beats; a line `go NANOSECONDS` of wall time says when the load begins. A line `shift
SECONDS JSON` says what is asked for so long, unless it is said again: without a word the usual
questions come back.

When nothing comes for `BEAT_S_MAX`, or the pipe is closed, nobody watches any more. Before the load
has begun it waits longer, for nothing is sent, and generators on other hosts may take their time to
be ready.
"""

import asyncio
import re
import sys
import time
from collections.abc import Callable
from typing import Any

from gameday.domain.shift import Shift

BEAT_S_MAX = 10.0
BEGIN_S_MAX = 60.0
READY = b"ready\n"
_GO = re.compile(rb"go ([0-9]{1,20})")
_SHIFT = re.compile(rb"shift ([0-9.]{1,20}) (\{.*\})")


def go_line(at_s: float) -> bytes:
    """What tells a generator to begin at `at_s` of wall time."""
    return f"go {round(at_s * 1e9)}\n".encode()


def shift_line(wanted: Shift, for_s: float) -> bytes:
    """What tells a generator to ask another mix for so long from now."""
    return f"shift {for_s:.3f} {wanted.model_dump_json()}\n".encode()


OnShift = Callable[[Shift, float], None]


class Owner:
    """Whoever started this generator, as far as the pipe tells."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.on_shift: OnShift | None = None  # told of another mix, and for how many seconds
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
        pipe, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        try:
            await self._read(reader)
        finally:
            pipe.close()
        self.gone.set()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Until nobody is there any more."""
        said = b""
        while True:
            try:
                # Not wait_for: cancelled when a beat has just come, it would take it and go on.
                async with asyncio.timeout(BEAT_S_MAX if self._go.done() else BEGIN_S_MAX):
                    beat = await reader.read(64)
            except TimeoutError:
                return
            if not beat:
                return
            *lines, said = (said + beat).split(b"\n")
            for line in lines:
                self._take(line.lstrip(b"."))
            said = said.lstrip(b".")

    def _take(self, line: bytes) -> None:
        if (found := _GO.fullmatch(line)) and not self._go.done():
            self._go.set_result(int(found[1]) / 1e9 - time.time() + time.monotonic())
        elif (found := _SHIFT.fullmatch(line)) and self.on_shift is not None:
            self.on_shift(Shift.model_validate_json(found[2]), float(found[1]))
