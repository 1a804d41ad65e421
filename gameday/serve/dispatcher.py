"""The dispatcher: takes what the inbox holds, in order, and has drills and runbooks started.

An alert is dealt with once. Whatever dies meanwhile: the run has an id made from the alert, so
that what is done once more is known by whoever runs it, not by our memory.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gameday.domain.errors import FileError, GamedayError, StartError
from gameday.domain.sender import Occurrence
from gameday.domain.serving import Serving, Trigger
from gameday.serve.inbox import Inbox, Kept
from gameday.serve.responding import Responding

_AGAIN_S_MIN, _AGAIN_S_MAX = 1.0, 30.0
_LOOKS_EVERY_S = 5.0  # even when nobody says that something arrived
_GATHERS_S = 0.1  # what comes together is dealt with together, and takes the disk once


@dataclass(frozen=True)
class Wanted:
    """A run that an alert asks for. incident: that it answers; '' for a drill."""

    run_id: str
    trigger: Trigger
    alert: Occurrence
    asked_by: str
    incident: str = ""


class Starter(Protocol):
    """Whoever runs drills and runbooks. Each raises StartError when it cannot be reached now."""

    async def known(self, run_id: str) -> bool:
        """Whether there is, or was, a run of this id."""

    async def start(self, wanted: Wanted) -> None:
        """Start it, unless it is known. Raises another GamedayError when it can never be."""

    async def end(self, run_id: str, asked_by: str) -> str:
        """Ask the run to end; what became of that, in a few words."""


class Dispatcher:
    """Empties one inbox by what one file says."""

    def __init__(
        self,
        serving: Serving,
        inbox: Inbox,
        starter: Starter,
        responding: Responding,
        say: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """say: is told what became of each alert, and why nothing goes on."""
        self._serving = serving
        self._inbox = inbox
        self._starter = starter
        self._responding = responding
        self._say = say
        self._now = now
        self._arrived = asyncio.Event()
        self._stuck = ""

    def wake(self) -> None:
        """Something arrived."""
        self._arrived.set()

    async def run(self) -> None:
        """Deal with what waits and with what arrives, until it is cancelled."""
        again_s = _AGAIN_S_MIN
        while True:
            self._arrived.clear()
            if not await self.drain():
                await asyncio.sleep(again_s)
                again_s = min(2 * again_s, _AGAIN_S_MAX)
                continue
            again_s = _AGAIN_S_MIN
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), _LOOKS_EVERY_S)
            await asyncio.sleep(_GATHERS_S)

    async def drain(self) -> bool:
        """Deal with all that waits; False when the disk, or who runs drills, says not now."""
        try:
            while waiting := await asyncio.to_thread(self._inbox.waiting):
                await self._take(waiting)
            await self._responding.tend(self._now())
        except (StartError, FileError) as error:
            self._tell_stuck(error.sentence)
            return False
        self._stuck = ""
        return True

    async def _take(self, waiting: Sequence[Kept]) -> None:
        """Deal with each in turn, and note together those for which nothing is started."""
        nothing: list[tuple[int, str]] = []
        try:
            for kept in waiting:
                if outcome := await self._deal_with(kept):
                    self._tell(kept, outcome)
                    nothing.append((kept.number, outcome))
        finally:
            await asyncio.to_thread(self._inbox.done, nothing, self._now())

    async def _deal_with(self, kept: Kept) -> str:
        """Why nothing is started, in a sentence; '' when something was, which is noted then."""
        if not kept.occurrence.firing:
            return await self._after_its_end(kept)
        trigger = self._serving.trigger_of(kept.sender, kept.occurrence)
        run_id = trigger.run_id(kept.sender, kept.occurrence.key) if trigger else kept.run_id
        if kept.run_id and kept.run_id != run_id:
            return await self._tell_drill(
                kept, trigger, kept.run_id, "it was found to be a drill's own"
            )
        if kept.run_id and await self._starter.known(run_id):
            return await self._started(kept, run_id, trigger)
        if trigger is None:
            return "no entry matches it"
        over = await asyncio.to_thread(
            self._inbox.find, kept.sender, kept.occurrence.key, firing=False
        )
        if over is not None:
            return "it was over before anything was started"
        return await (self._respond if trigger.runbook else self._start)(kept, trigger, run_id)

    async def _respond(self, kept: Kept, trigger: Trigger, run_id: str) -> str:
        """An alert of a runbook's: a drill's own doing, or an incident, which the runbook answers.

        The incident is kept before anything else is done, and whether or not anything is.
        """
        alert = self._responding.alerted(kept, trigger)
        drill, why = await self._responding.own_drill(trigger, alert)
        if drill:
            await asyncio.to_thread(self._inbox.intend, kept.number, drill)
            return await self._tell_drill(kept, trigger, drill, why)
        by = self._asked_by(kept)
        incident = await self._responding.open(trigger, alert, run_id, by)
        await self._responding.tend(self._now())
        if incident.run and not incident.outcome and incident.run != run_id:
            await self._responding.tell(incident.run, alert)
            return f"incident {incident.id} is open, and run {incident.run} answers it"
        outcome = await self._start(kept, trigger, run_id, incident.id)
        return outcome and f"incident {incident.id}: {outcome}"

    async def _tell_drill(self, kept: Kept, trigger: Trigger | None, run_id: str, why: str) -> str:
        """Tell a drill of an alert of its own. Told twice, it counts it once."""
        alert = self._responding.alerted(kept, trigger)
        told = "is told" if await self._responding.tell(run_id, alert) else "had ended"
        return f"no incident: {why}; run {run_id} {told}"

    async def _start(self, kept: Kept, trigger: Trigger, run_id: str, incident: str = "") -> str:
        if why_not := await asyncio.to_thread(self._why_not, kept, trigger):
            return why_not
        await asyncio.to_thread(self._inbox.intend, kept.number, run_id)
        if incident:  # before it begins, as it may end at once
            await self._responding.answered_by(incident, run_id)
        wanted = Wanted(run_id, trigger, kept.occurrence, self._asked_by(kept), incident)
        try:
            await self._starter.start(wanted)
        except StartError:
            raise
        except GamedayError as error:
            if incident:
                await self._responding.answered_by(incident, "")
            return f"{trigger.name} cannot be started: {error.sentence}"
        return await self._started(kept, run_id, trigger)

    def _why_not(self, kept: Kept, trigger: Trigger) -> str:
        alert, now = kept.occurrence, self._now()
        late_s = (now - alert.began_at).total_seconds()
        if late_s > trigger.start_within:
            return (
                f"it began {late_s:.0f} s ago, over start_within of {trigger.start_within:g} s: "
                f"{trigger.name} is not started"
            )
        last = self._inbox.last_start(trigger.name)
        if last and now - last < timedelta(seconds=trigger.pause_s):
            return (
                f"{trigger.name} was started {(now - last).total_seconds():.0f} s ago, within "
                f"again_after of {trigger.pause_s:g} s"
            )
        return ""

    async def _started(self, kept: Kept, run_id: str, trigger: Trigger | None) -> str:
        if trigger and trigger.runbook:  # its record says what began it
            await self._responding.tell(run_id, self._responding.alerted(kept, trigger))
        entry = trigger.name if trigger else ""  # the file may have changed since
        outcome = f"started {entry or 'a drill'} as run {run_id}"
        await asyncio.to_thread(self._inbox.started, kept.number, entry, outcome, self._now())
        self._tell(kept, outcome)
        return ""

    async def _after_its_end(self, kept: Kept) -> str:
        sender, alert = kept.sender, kept.occurrence
        told = self._responding.alerted(kept, None)
        became = await self._responding.over(told)
        became = f"over; {became}; " if became else "over; "
        began = await asyncio.to_thread(self._inbox.find, sender, alert.key, firing=True)
        if began is None or not began.run_id:
            return f"{became}nothing was started for it"
        trigger = self._serving.trigger_of(began.sender, began.occurrence)
        if began.started_at is None or trigger is None or trigger.resolved == "note":
            heard = await self._responding.tell(began.run_id, told)
            return f"{became}run {began.run_id} {'is told' if heard else 'had ended'}"
        return f"{became}run {began.run_id}: " + await self._starter.end(
            began.run_id, self._asked_by(kept)
        )

    def _asked_by(self, kept: Kept) -> str:
        return f"alert:{self._serving.serve}/{kept.sender}"

    def _tell(self, kept: Kept, outcome: str) -> None:
        alert = kept.occurrence
        state = "firing" if alert.firing else "resolved"
        self._say(f"{kept.sender}  {state}  {alert.called}: {outcome}")

    def _tell_stuck(self, sentence: str) -> None:
        if sentence != self._stuck:  # once, not at every try
            self._say(f"nothing can be started: {sentence}; what comes is kept")
        self._stuck = sentence
