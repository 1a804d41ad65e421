"""Observe: runs the load, and watches one window of it at a time.

The load is one stream from the first window to the last, so that requests in flight while a
fault comes or goes are part of the record. Its process belongs to the worker that started it;
windows are therefore watched on that worker's own task queue.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.connections import InjectorFactory, resolve_front_door_secrets
from activities.elsewhere import read_elsewhere
from activities.gates import watched_gates
from activities.messages import LoadStarted, ObserveWindow, StopLoad, WindowSeen
from gameday.catalog.kinds import checks
from gameday.domain.drill import Drill, Requests, Until
from gameday.domain.errors import GamedayError
from gameday.domain.record import RunRequest
from gameday.domain.suite import ScorerSpec
from gameday.probes.guards import Guards
from gameday.probes.live import LiveWindow
from gameday.probes.load import Load
from gameday.probes.load_spec import LoadSpec
from gameday.store.run_folder import RunFolder

_LOOK_EVERY_S = 0.2
# A sample's times are worked out from a clock that never jumps: the first one must not fall before
# the start of its window for a few microseconds.
_CLOCKS_DIFFER = timedelta(milliseconds=1)


class ObserveActivities:
    """Holds the loads that this worker runs."""

    def __init__(self, queue: str, injector: InjectorFactory) -> None:
        self._queue = queue
        self._injector = injector
        self._loads: dict[str, Load] = {}

    @activity.defn(name="start_load")
    async def start_load(self, request: RunRequest) -> LoadStarted:
        folder = RunFolder(Path(request.folder))
        drill = request.drill
        spec = LoadSpec(
            url=request.target.environments[request.environment].front_door,
            run_id=request.run_id,
            front_door=request.target.front_door,
            synthetic=request.target.synthetic,
            suite_file=request.suite_file,
            prices=request.target.prices,
            load=drill.load,
            seals=_seals(drill),
            sketch_pieces=_sketch_pieces(drill),
            requests_max=request.plan.requests_max,
            seed=int(request.plan.digest[:8], 16),
            run_folder=str(folder.path),
        )
        secrets = resolve_front_door_secrets(request.target.front_door, request.target.synthetic)
        try:
            load = await Load.start(spec, secrets)
        except GamedayError as error:
            raise ApplicationError(error.sentence, non_retryable=True) from error
        self._loads[request.run_id] = load
        return LoadStarted(queue=self._queue, started_at=load.started_at - _CLOCKS_DIFFER)

    @activity.defn(name="observe")
    async def observe(self, wanted: ObserveWindow) -> WindowSeen:
        """Watch until the window is over. Heartbeats carry the figures so far."""
        folder = RunFolder(Path(wanted.folder))
        live = LiveWindow(wanted.window, wanted.floor, home=wanted.home)
        guards = Guards(wanted.guards, wanted.floor)
        tail = folder.follow_samples()
        async with (
            watched_gates(self._injector, wanted.run_id, wanted.watch) as gates,
            read_elsewhere(folder, wanted.window, wanted.elsewhere) as elsewhere,
        ):
            while True:
                self._beat(wanted.run_id)
                samples = tail.read()
                live.take(samples)
                guards.take(samples)
                now = datetime.now(UTC)
                activity.heartbeat(live.progress(now))
                tripped = guards.tripped(now) or gates.tripped() or elsewhere.tripped(now)
                ended = "guard" if tripped else _ended(wanted, live, now, rings=elsewhere.rings)
                if ended:
                    await elsewhere.close()
                    return WindowSeen(
                        ended=ended,
                        sentence=tripped.sentence if tripped else "",
                        guard=tripped.guard if tripped else "",
                        progress=live.progress(now),
                        traffic=gates.traffic,
                        notes=gates.notes(),
                    )
                await asyncio.sleep(_LOOK_EVERY_S)

    @activity.defn(name="stop_load")
    async def stop_load(self, wanted: StopLoad) -> None:
        """End the load and let what is in flight finish. Repeatable."""
        await self._stop(wanted.run_id)

    async def stop_all(self) -> None:
        """The worker leaves: its loads must not outlive it."""
        for run_id in list(self._loads):
            await self._stop(run_id)

    async def _stop(self, run_id: str) -> None:
        load = self._loads.pop(run_id, None)
        if load is not None:
            await load.stop()

    def _beat(self, run_id: str) -> None:
        load = self._loads.get(run_id)
        if load is None:
            raise ApplicationError("this worker runs no load for the run", non_retryable=True)
        try:
            load.beat()
        except GamedayError as error:
            raise ApplicationError(error.sentence, non_retryable=True) from error


def _seals(drill: Drill) -> dict[str, ScorerSpec]:
    """What the drill's checks want to have scored of every answer."""
    return {
        name: scorer for spec in drill.checks for name, scorer in checks.make(spec).seals().items()
    }


def _sketch_pieces(drill: Drill) -> int:
    """The longest sketch that one of the drill's checks wants of every answer."""
    return max(checks.make(spec).sketch_pieces() for spec in drill.checks)


def _ended(wanted: ObserveWindow, live: LiveWindow, now: datetime, *, rings: bool) -> str:
    """How the window has ended; '' while it goes on. While an alert rings, not all is good."""
    match wanted.spec:
        case Requests(requests=requests):
            return "requests" if len(live) >= requests else ""
        case Until(at_most=at_most, good_in_a_row=good):
            if live.good_in_a_row >= good and not rings:
                return "all_good"
            return "at_most" if now - wanted.floor >= timedelta(seconds=at_most) else ""
        case seconds:
            return "time" if now - wanted.floor >= timedelta(seconds=seconds) else ""
