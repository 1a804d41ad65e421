"""The calls at the gates during one window, counted while the window is watched.

Asking also keeps the gates' log of calls alive: they drop one that nobody asks for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from activities.connections import InjectorFactory
from activities.messages import GateWatch
from gameday.domain.abort import UNMARKED_GUARD, Tripped
from gameday.domain.errors import InjectorError
from gameday.domain.gate import Traffic
from gameday.injector.client import InjectorClient
from gameday.probes.unmarked import (
    USUAL,
    Bounds,
    find_shift,
    traffic_between,
    why_not_compared,
)

_ASK_EVERY_S = 1.0


class Gates:
    """What was counted so far. Gates that nobody asked to watch count nothing."""

    def __init__(self, watch: GateWatch | None) -> None:
        self._watch = watch
        self._start: dict[str, Traffic] | None = None
        self._now: dict[str, Traffic] = {}
        self._failures: list[str] = []

    @property
    def traffic(self) -> dict[str, Traffic]:
        """Of the window so far, by provider."""
        return traffic_between(self._start or {}, self._now)

    def tripped(self) -> Tripped | None:
        """How unmarked traffic has moved since the baseline; None when it has not."""
        watch = self._watch
        if watch is None or watch.before is None or not watch.marked_at:
            return None
        stated = watch.shift
        bounds = Bounds(stated.bound, stated.bound) if stated else USUAL
        guard = stated or UNMARKED_GUARD
        moved = find_shift(watch.before, self.traffic, watch.marked_at, bounds)
        return Tripped(str(guard), moved) if moved else None

    def notes(self) -> tuple[str, ...]:
        """What was not seen, in sentences."""
        notes = []
        if self._failures:
            notes.append(
                f"the gates were not read {len(self._failures)} times: {self._failures[-1]}"
            )
        watch = self._watch
        if watch and watch.marked_at and watch.before is not None:
            notes.append(why_not_compared(watch.before, self.traffic))
        return tuple(filter(None, notes))

    async def count(self, injector: InjectorClient, run_id: str, gates: dict[str, str]) -> None:
        """Read the counters once. What fails is noted, never raised: the drill goes on."""
        try:
            seen = (await injector.watched(run_id)).traffic
        except InjectorError as error:
            self._failures.append(error.sentence)
            return
        self._now = {name: seen.get(listener, Traffic()) for name, listener in gates.items()}
        if self._start is None:
            self._start = self._now


@asynccontextmanager
async def watched_gates(
    make: InjectorFactory, run_id: str, watch: GateWatch | None
) -> AsyncIterator[Gates]:
    """Count beside whatever is done inside: a slow answer must not hold up the heartbeats."""
    gates = Gates(watch)
    if watch is None:
        yield gates
        return
    asking = asyncio.create_task(_ask(gates, make(watch.injector), run_id, watch.gates))
    try:
        yield gates
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def _ask(gates: Gates, injector: InjectorClient, run_id: str, by: dict[str, str]) -> None:
    while True:
        await gates.count(injector, run_id, by)
        await asyncio.sleep(_ASK_EVERY_S)
