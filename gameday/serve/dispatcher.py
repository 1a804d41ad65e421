"""The dispatcher: takes what the inbox holds, in order, and has drills started and ended.

An alert is dealt with once. Whatever dies meanwhile: the run has an id made from the alert, so
that what is done once more is known by whoever runs it, not by our memory.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gameday.domain.errors import GamedayError, StartError
from gameday.domain.serving import Serving, Trigger
from gameday.serve.inbox import Inbox, Kept

_AGAIN_S_MIN, _AGAIN_S_MAX = 1.0, 30.0
_LOOKS_EVERY_S = 60.0  # even when nobody says that something arrived
_GATHERS_S = 0.1  # what comes together is dealt with together, and takes the disk once


class Starter(Protocol):
    """Whoever runs drills. Each raises StartError when it cannot be reached now."""

    async def known(self, run_id: str) -> bool:
        """Whether there is, or was, a run of this id."""

    async def start(self, trigger: Trigger, run_id: str, asked_by: str) -> None:
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
        say: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """say: is told what became of each alert, and why nothing goes on."""
        self._serving = serving
        self._inbox = inbox
        self._starter = starter
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
        """Deal with all that waits; False when the inbox, or who runs drills, says not now."""
        try:
            while waiting := await asyncio.to_thread(self._inbox.waiting):
                await self._take(waiting)
        except StartError as error:
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
        if kept.run_id and await self._starter.known(kept.run_id):
            entry = trigger.name if trigger else ""  # the file may have changed since
            return await self._started(kept, kept.run_id, entry)
        if trigger is None:
            return "no entry matches it"
        if why_not := await asyncio.to_thread(self._why_not, kept, trigger):
            return why_not
        run_id = trigger.run_id(kept.sender, kept.occurrence.key)
        await asyncio.to_thread(self._inbox.intend, kept.number, run_id)
        try:
            await self._starter.start(trigger, run_id, self._asked_by(kept))
        except StartError:
            raise
        except GamedayError as error:
            return f"{trigger.name} cannot be started: {error.sentence}"
        return await self._started(kept, run_id, trigger.name)

    def _why_not(self, kept: Kept, trigger: Trigger) -> str:
        alert, now = kept.occurrence, self._now()
        if self._inbox.find(kept.sender, alert.key, firing=False):
            return "it was over before anything was started"
        late_s = (now - alert.began_at).total_seconds()
        if late_s > trigger.start_within:
            return (
                f"it began {late_s:.0f} s ago, over start_within of {trigger.start_within:g} s: "
                f"{trigger.name} is not started"
            )
        last = self._inbox.last_start(trigger.name)
        if last and now - last < timedelta(seconds=trigger.again_after):
            return (
                f"{trigger.name} was started {(now - last).total_seconds():.0f} s ago, within "
                f"again_after of {trigger.again_after:g} s"
            )
        return ""

    async def _started(self, kept: Kept, run_id: str, entry: str) -> str:
        outcome = f"started {entry or 'a drill'} as run {run_id}"
        await asyncio.to_thread(self._inbox.started, kept.number, entry, outcome, self._now())
        self._tell(kept, outcome)
        return ""

    async def _after_its_end(self, kept: Kept) -> str:
        sender, alert = kept.sender, kept.occurrence
        began = await asyncio.to_thread(self._inbox.find, sender, alert.key, firing=True)
        if began is None or began.started_at is None:
            return "over; nothing was started for it"
        trigger = self._serving.trigger_of(began.sender, began.occurrence)
        if trigger is None or trigger.resolved == "note":
            return f"over; run {began.run_id} goes on by itself"
        return f"over; run {began.run_id}: " + await self._starter.end(
            began.run_id, self._asked_by(kept)
        )

    def _asked_by(self, kept: Kept) -> str:
        return f"alert:{self._serving.serve}/{kept.sender}"

    def _tell(self, kept: Kept, outcome: str) -> None:
        alert = kept.occurrence
        state = "firing" if alert.firing else "resolved"
        self._say(f"{kept.sender}  {state}  {called(alert.labels)}: {outcome}")

    def _tell_stuck(self, sentence: str) -> None:
        if sentence != self._stuck:  # once, not at every try
            self._say(f"nothing can be started: {sentence}; what comes is kept")
        self._stuck = sentence


def called(labels: dict[str, str]) -> str:
    """What people call an alert with these labels."""
    return labels.get("alertname") or labels.get("title") or "an alert without a name"
