"""Shows a game day while it goes on, and waits for its end."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from temporalio.client import (
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError

from gameday.cli.screen import Screen
from gameday.domain.errors import RefusedError, StartError
from gameday.domain.game_day import (
    DayApproval,
    DayProgress,
    DrillOutcome,
    GameDayRequest,
    GameDayResult,
    Gate,
)
from gameday.reporting.inert import inert_line
from gameday.store.game_days import is_game_day, read_game_day

_LOOK_EVERY_S = 0.5


class DayWatch:
    """One game day, from its start to its end. confirms: who asks for it leads it, and says yes."""

    def __init__(
        self,
        handle: WorkflowHandle[Any, GameDayResult],
        request: GameDayRequest,
        day_id: str,
        out: IO[str],
        *,
        confirms: bool,
    ) -> None:
        self._handle = handle
        self._request = request
        self._day_id = day_id
        self._screen = Screen(out)
        self._confirms = confirms
        self._said: set[str] = set()

    async def run(self) -> GameDayResult:
        """Its result. Raises StartError where Temporal has lost it."""
        request, say = self._request, self._screen.say
        say(f"{request.game_day.game_day}   {request.game_day.title}")
        where = f"{request.target.target}/{request.environment}"
        say(f"game day {self._day_id} · {where} · {len(request.drills)} drills\n")
        self._catch_interrupts()
        ending = asyncio.ensure_future(self._handle.result())
        try:
            while not ending.done():
                await asyncio.wait({ending}, timeout=_LOOK_EVERY_S)
                await self._look()
            day = self._ended(ending)
        finally:
            ending.cancel()
            self._screen.close()
        for line in end_lines(day, Path(request.folder(self._day_id))):
            say(line)
        return day

    def _ended(self, ending: "asyncio.Future[GameDayResult]") -> GameDayResult:
        try:
            return ending.result()
        except WorkflowFailureError as error:
            folder = Path(self._request.folder(self._day_id))
            if is_game_day(folder):
                return read_game_day(folder)
            raise StartError(
                f"game day {self._day_id} ended without a word: {error.cause or error}",
                next_step="gameday status",
            ) from error
        except RPCError as error:
            raise StartError(
                f"Temporal no longer answers: {error.message}; each drill is put back all the same",
                next_step=f"gameday game-day status {self._day_id}",
            ) from error

    async def _look(self) -> None:
        try:
            seen: DayProgress = await asyncio.wait_for(
                self._handle.query("progress", result_type=DayProgress), 2.0
            )
        except (RPCError, TimeoutError, WorkflowQueryFailedError):
            return  # no answer is no news
        for number, drill in enumerate(seen.day.drills, start=1):
            if drill.run_id is not None:
                self._once(f"  {number}  {drill.drill}   run {drill.run_id}")
            if drill.verdict is not None:
                self._once(f"     {outcome_line(drill)}")
        if seen.waits_for is not None:
            await self._wait(seen, seen.waits_for)

    async def _wait(self, seen: DayProgress, gate: Gate) -> None:
        by = " or ".join(gate.by)
        if self._confirms and seen.day.confirmed_by == "" and seen.day.preconditions:
            self._confirms = False
            await self._confirm(seen)
            return
        self._once(f"  waits for {by}: {gate.about}")
        self._once(f"     gameday game-day approve {self._day_id} --as {gate.by[0]}")

    async def _confirm(self, seen: DayProgress) -> None:
        approval = DayApproval(by=self._request.requested_by, digest=seen.day.digest)
        try:
            said = await self._handle.execute_update("approve", approval, result_type=str)
        except WorkflowUpdateFailedError as error:
            await self._handle.signal("abort", self._request.requested_by)
            raise RefusedError(
                f"--confirmed: {error.cause}", next_step="say who you are with --as NAME"
            ) from error
        self._once(f"  {said}")

    def _once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._screen.say(line)

    def _catch_interrupts(self) -> None:
        loop = asyncio.get_running_loop()

        def interrupted() -> None:
            self._screen.say("  stopping: aborting the drill and putting everything back")
            aborting = self._handle.signal("abort", self._request.requested_by)
            self._aborting = loop.create_task(aborting)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupted)


def outcome_line(drill: DrillOutcome) -> str:
    word = drill.verdict.upper() if drill.verdict else "did not run"
    said = [f"{word}   {inert_line(drill.sentence)}".rstrip()]
    people = drill.people
    if people.acknowledged_at is not None:
        after = people.acknowledged_after_s
        said.append(f"{people.acknowledged_by} acknowledged{_after(after)}")
    if people.decided_at is not None:
        said.append(f"{people.decided_by} decided{_after(people.decided_after_s)}")
    return "; ".join(said)


def _after(seconds: float | None) -> str:
    return "" if seconds is None else f" {seconds:.0f} s after the page"


def _stands(drill: DrillOutcome, *, goes_on: bool) -> str:
    if drill.verdict is None and goes_on:
        return f"run {drill.run_id}   goes on" if drill.run_id else "to come"
    return f"run {drill.run_id}   {outcome_line(drill)}" if drill.run_id else "did not run"


def day_lines(seen: DayProgress) -> Sequence[str]:
    """A game day as it stands."""
    day = seen.day
    word = day.verdict.upper() if day.verdict else "goes on"
    lines = [
        f"{day.id}   {word}   {inert_line(day.reason)}".rstrip(),
        f"  {day.game_day} on {day.target}/{day.environment}, {day.people.leads} leads",
    ]
    for number, drill in enumerate(day.drills, start=1):
        lines.append(f"  {number}  {drill.drill}   {_stands(drill, goes_on=day.verdict is None)}")
    lines += [f"  note  {inert_line(note)}" for note in day.notes]
    if seen.waits_for is not None:
        lines.append(f"  waits for {' or '.join(seen.waits_for.by)}: {seen.waits_for.about}")
        lines.append(f"  next  gameday game-day approve {day.id} --as {seen.waits_for.by[0]}")
    return lines


def end_lines(day: GameDayResult, folder: Path) -> Sequence[str]:
    verdict = day.verdict.upper() if day.verdict else "NOT CLOSED"
    lines = ["", f"{verdict}   {inert_line(day.reason)}", ""]
    lines += [f"  note     {inert_line(note)}" for note in day.notes]
    if is_game_day(folder):
        lines.append(f"  figures  {folder / 'game_day.json'}")
        lines.append(f"  page     gameday report {day.id} --open")
    bad = next((one for one in day.drills if one.verdict not in (None, "passed")), None)
    return [*lines, f"  next     gameday report {bad.run_id}"] if bad and bad.run_id else lines
