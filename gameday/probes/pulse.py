"""Notes about every second what a generator spends."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from gameday.domain.vitals import Vital
from gameday.store.vitals import VitalsWriter

EVERY_S = 1.0


class Pulse:
    """Runs from `start` to `stop` on the event loop. `waiting`: in flight, and unrecorded."""

    def __init__(
        self, writer: VitalsWriter, generator: int, waiting: Callable[[], tuple[int, int]]
    ) -> None:
        self._writer = writer
        self._generator = generator
        self._waiting = waiting
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._since, self._cpu_s = time.monotonic(), time.process_time()
        self._again()

    def stop(self) -> None:
        """Note the rest of the last second too."""
        if self._timer is not None:
            self._timer.cancel()
            self._note()
        self._writer.close()

    def _again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._beat)

    def _beat(self) -> None:
        self._note()
        self._again()

    def _note(self) -> None:
        now, cpu_s = time.monotonic(), time.process_time()
        in_flight, unrecorded = self._waiting()
        self._writer.write(
            Vital(
                generator=self._generator,
                at=datetime.now(UTC),
                seconds=now - self._since,
                cpu_s=cpu_s - self._cpu_s,
                in_flight=in_flight,
                unrecorded=unrecorded,
            )
        )
        self._since, self._cpu_s = now, cpu_s
