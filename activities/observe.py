"""Observe: watches one window of the load at a time.

Windows are watched on the own task queue of a worker that runs a part of the load: what it writes
lies there, and whoever watches says to its processes that somebody does.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio import activity

from activities.connections import InjectorFactory
from activities.elsewhere import read_elsewhere
from activities.gates import watched_gates
from activities.load import LOOK_EVERY_S, LoadActivities
from activities.messages import ObserveWindow, WindowSeen
from activities.noticing import noticer_of
from gameday.domain.drill import Requests, Until, UntilDetected
from gameday.probes.guards import Guards
from gameday.probes.live import LiveWindow
from gameday.store.run_folder import RunFolder


class ObserveActivities:
    """On the worker whose load it watches."""

    def __init__(self, load: LoadActivities, injector: InjectorFactory) -> None:
        self._load = load
        self._injector = injector

    @activity.defn(name="observe")
    async def observe(self, wanted: ObserveWindow) -> WindowSeen:
        """Watch until the window is over. Heartbeats carry the figures so far."""
        folder = RunFolder(Path(wanted.folder))
        live = LiveWindow(wanted.window, wanted.floor, home=wanted.home, seen_as=wanted.seen_as)
        guards = Guards(wanted.guards, wanted.floor)
        tail = folder.follow_samples()
        async with (
            watched_gates(self._injector, wanted.run_id, wanted.watch) as gates,
            read_elsewhere(folder, wanted.window, wanted.elsewhere) as elsewhere,
        ):
            noticer = await noticer_of(folder, wanted.floor, wanted.noticing)
            while True:
                self._load.beat(wanted.run_id)
                samples = tail.read()
                live.take(samples)
                guards.take(samples)
                now = datetime.now(UTC)
                activity.heartbeat(live.progress(now))
                detection = await noticer.noticed(samples, elsewhere)
                tripped = guards.tripped(now) or gates.tripped() or elsewhere.tripped(now)
                rings, noticed = elsewhere.rings, detection is not None and noticer.is_settled
                ended = _ended(wanted, live, now, rings=rings, noticed=noticed)
                ended = "guard" if tripped else ended
                if ended:
                    await elsewhere.close()
                    return WindowSeen(
                        ended=ended,
                        sentence=tripped.sentence if tripped else "",
                        guard=tripped.guard if tripped else "",
                        progress=live.progress(now),
                        traffic=gates.traffic,
                        notes=gates.notes(),
                        detection=detection,
                    )
                await asyncio.sleep(LOOK_EVERY_S)


def _ended(
    wanted: ObserveWindow, live: LiveWindow, now: datetime, *, rings: bool, noticed: bool
) -> str:
    """How the window has ended; '' while it goes on.

    In the recovery, while an alert rings, not all is good. During a response it may: the fault is
    still there.
    """
    match wanted.spec:
        case Requests(requests=requests):
            return "requests" if len(live) >= requests else ""
        case Until(at_most=at_most, good_in_a_row=good):
            if live.good_in_a_row >= good and not (rings and wanted.window == "recovered"):
                return "all_good"
            return "at_most" if now - wanted.floor >= timedelta(seconds=at_most) else ""
        case UntilDetected(at_most=at_most):
            if noticed:
                return "detected"
            return "at_most" if now - wanted.floor >= timedelta(seconds=at_most) else ""
        case seconds:
            return "time" if now - wanted.floor >= timedelta(seconds=seconds) else ""
