"""Writes what came meanwhile together: one wait for the disk serves every delivery that waits."""

import asyncio
from collections.abc import Sequence

from gameday.serve.inbox import Arrival, Inbox

_Waiting = tuple[Sequence[Arrival], "asyncio.Future[None]"]


class Writer:
    """Keeps arrivals in the inbox, from one event loop."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Return when they are on disk. Raises what the inbox raises."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrivals, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await kept

    async def _write(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            every = [arrival for arrivals, _ in together for arrival in arrivals]
            try:
                await asyncio.to_thread(self._inbox.keep, every)
            except BaseException as error:  # noqa: BLE001 - told to each that waits for it
                for _, kept in together:
                    if not kept.done():
                        kept.set_exception(error)
            else:
                for _, kept in together:
                    if not kept.done():  # its sender may have hung up
                        kept.set_result(None)
