"""Starts a run and watches it to its end, whatever ends it."""

import asyncio
import signal
import time
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from gameday.cli.screen import Screen
from gameday.cli.session import Session
from gameday.cli.starting import start_run
from gameday.domain.errors import GamedayError
from gameday.domain.lease import FaultState
from gameday.domain.progress import Progress
from gameday.domain.record import RunRequest
from gameday.domain.result import Result
from gameday.evidence.key import Keys
from gameday.reporting.closing import close_run, wait_until_cleared
from gameday.store.history import History
from gameday.store.run_folder import RunFolder
from workflows.drill import DrillWorkflow

_LOOK_EVERY_S = 0.3
_SILENCE_S_MAX = 12.0  # of Temporal, before the run is closed from here
_GUARDIAN_S_MAX = 20.0  # for the guardian to close a run that was terminated

Handle = WorkflowHandle[DrillWorkflow, Result]


class LeaveNowError(Exception):
    """Ctrl-C was pressed twice."""


class Watch:
    """One run, from its start to its result."""

    def __init__(self, session: Session, request: RunRequest, screen: Screen, who: str) -> None:
        self._session = session
        self._request = request
        self._screen = screen
        self._who = who
        self._interrupts = 0
        self._leave = asyncio.Event()
        self._answered_at = time.monotonic()

    async def run(self) -> Result:
        """Start it, show it, and return its result. Raises LeaveNowError after a second Ctrl-C."""
        client = await self._session.temporal()
        handle = await start_run(client, self._request)
        self._catch_interrupts(handle)
        return await self._watch(client, handle)

    async def _watch(self, client: Client, handle: Handle) -> Result:
        result = asyncio.create_task(handle.result())
        leave = asyncio.create_task(self._leave.wait())
        try:
            while True:
                await asyncio.wait(
                    {result, leave}, timeout=_LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED
                )
                if self._leave.is_set():
                    raise LeaveNowError
                if result.done() and (ended := await self._ended(result)) is not None:
                    await self._look(client, handle)
                    return ended
                if result.done():
                    result = asyncio.create_task(handle.result())
                await self._look(client, handle)
                if time.monotonic() - self._answered_at > _SILENCE_S_MAX:
                    return await self._close_from_here("Temporal stopped answering")
        finally:
            self._screen.close()
            for task in (result, leave):
                task.cancel()
            await asyncio.gather(result, leave, return_exceptions=True)

    async def _ended(self, result: "asyncio.Task[Result]") -> Result | None:
        """The run's result; None when only the question was lost and must be asked again."""
        try:
            return result.result()
        except RPCError:
            return None
        except WorkflowFailureError as error:
            return await self._guardians_result(str(error.cause or error))

    async def _guardians_result(self, why: str) -> Result:
        """What the guardian wrote of a run that was terminated or failed; else close it here."""
        folder = RunFolder(self._request.folder)
        give_up = time.monotonic() + _GUARDIAN_S_MAX
        while time.monotonic() < give_up:
            if folder.result_file.exists():
                return folder.read_result()
            await asyncio.sleep(0.2)
        return await self._close_from_here(f"the run's workflow ended: {why}")

    async def _close_from_here(self, why: str) -> Result:
        """Nobody else can: wait until the lease has put everything back, then close the record."""
        self._screen.close()
        lease_s = self._request.plan.lease_s
        self._screen.say(f"  {why}; the injector puts everything back within {lease_s:g} s")
        request = self._request
        injector = self._session.injector(request.target.environments[request.environment].injector)
        await wait_until_cleared(injector, request)
        folder, state = RunFolder(request.folder), self._session.state_folder
        keys, history = Keys(state), History(state)
        return await close_run(folder, injector, by="cli", reason=why, keys=keys, history=history)

    async def _look(self, client: Client, handle: Handle) -> None:
        """Show where the run is. No answer is no news; too long without one is."""
        try:
            seen = await asyncio.wait_for(handle.query(DrillWorkflow.progress), 2.0)
            current, lease_s = await _heartbeats(client, handle)
        except (RPCError, TimeoutError, WorkflowQueryFailedError):
            await self._check_answers(handle)
            return
        self._answered_at = time.monotonic()
        self._screen.show(seen, current, lease_s)

    async def _check_answers(self, handle: Handle) -> None:
        """Tell a Temporal that is gone from workers that are busy or dead."""
        for failure in self._session.failures():
            self._screen.say(f"  {failure}")
        try:
            await handle.describe(rpc_timeout=timedelta(seconds=1))
        except RPCError:
            return
        if not self._session.workers_are_gone():
            self._answered_at = time.monotonic()

    def _catch_interrupts(self, handle: Handle) -> None:
        loop = asyncio.get_running_loop()

        def interrupted() -> None:
            self._interrupts += 1
            if self._interrupts == 1:
                self._screen.say("  stopping: aborting the drill and putting everything back")
                self._aborting = loop.create_task(self._abort(handle))
            else:
                self._leave.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupted)

    async def _abort(self, handle: Handle) -> None:
        try:
            await handle.signal(DrillWorkflow.abort, self._who)
        except RPCError as error:
            self._screen.say(
                f"  Temporal did not take the abort ({error.message}); "
                f"run  gameday sweep  to put everything back without it"
            )


async def _heartbeats(client: Client, handle: Handle) -> tuple[Progress | None, float | None]:
    """The current window's figures and the lease's rest, from heartbeats: no worker is asked."""
    described = await handle.describe(rpc_timeout=timedelta(seconds=2))
    current: Progress | None = None
    lease_s: float | None = None
    for pending in described.raw_description.pending_activities:
        name = pending.activity_type.name
        if name == "observe" and pending.HasField("heartbeat_details"):
            decoded = await client.data_converter.decode(
                pending.heartbeat_details.payloads, [Progress]
            )
            current = decoded[0] if decoded else None
        if name == "hold" and pending.HasField("heartbeat_details"):
            decoded = await client.data_converter.decode(pending.heartbeat_details.payloads)
            lease_s = decoded[0].get("lease_s") if decoded and decoded[0] else None
    return current, lease_s


async def what_may_be_left(session: Session, request: RunRequest) -> list[str]:
    """For somebody who leaves in a hurry: what is still armed, and who will put it back."""
    url = request.target.environments[request.environment].injector
    try:
        faults = await session.injector(url).faults(request.run_id)
    except GamedayError as error:
        return [f"what is left is not known: {error.sentence}", "run  gameday sweep"]
    armed = [fault for fault in faults if fault.state is not FaultState.CLEARED]
    if not armed:
        return ["nothing is left: every fault of this run is cleared"]
    return [
        f"left for now: {fault.kind} on {fault.on}; it ends by itself in at most "
        f"{fault.expires_in_s or 0:.0f} s, at once with  gameday sweep"
        for fault in armed
    ]
