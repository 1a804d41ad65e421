"""The two activities of a watch's tick: look, and tell."""

from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.look import look
from activities.tell import tell
from gameday.domain.value import Value
from gameday.store.watches import Watches


class TickOf(Value):
    """Which tick of which watch.

    What a watch is told lies in the state folder, not here: so nobody can have a command run, or an
    address asked, by writing to Temporal.
    """

    watch: str
    tick: str


class Ticked(Value):
    """What a tick left, in figures."""

    word: str
    ticks: int
    evidence: float
    quality: float | None
    problem: str = ""


class WatchActivities:
    """Where the state folder is that keeps the watch."""

    def __init__(self, state: Path) -> None:
        self._state = state

    @activity.defn(name="look")
    async def look(self, wanted: TickOf) -> Ticked:
        """Make one tick. Repeatable: one that was kept is not made again."""
        watch = Watches(self._state).get(wanted.watch)
        standing = await look(self._state, watch, wanted.tick)
        return Ticked(
            word=standing.word,
            ticks=standing.ticks,
            evidence=standing.evidence,
            quality=standing.quality,
            problem=standing.problem,
        )

    @activity.defn(name="tell")
    async def tell(self, wanted: TickOf) -> None:
        """Tell what happened. Fails while the hook does not take it, so that it is tried again."""
        failures = await tell(self._state, Watches(self._state).get(wanted.watch))
        if failures:
            raise ApplicationError(failures[-1], type="HookError")
