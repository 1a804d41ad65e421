"""Starts and ends drills for whoever asks by an alert: prepared like by hand, known by their id."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from gameday.cli.handles import workflow_id
from gameday.cli.planning import Prepared, prepare, request_for
from gameday.cli.recorded import keep_reference
from gameday.cli.session import attached_session
from gameday.cli.starting import start_run
from gameday.domain.errors import RefusedError, StartError
from gameday.domain.record import RunRequest
from gameday.domain.serving import Trigger


class DrillStarter:
    """Of one state folder: the stack that runs here, else the Temporal that is named."""

    def __init__(self, beside: Path, target: Path, state: Path, runs: Path) -> None:
        """beside: the folder that files in entries count from. target: where none is named."""
        self._beside = beside
        self._target = target
        self._state = state
        self._runs = runs
        self._client: Client | None = None

    def prepare(self, trigger: Trigger) -> Prepared:
        """The drill as it is on disk now. Raises FileError."""
        target = self._beside / trigger.target if trigger.target else self._target
        is_file = trigger.drill.endswith((".yaml", ".yml"))
        drill = str(self._beside / trigger.drill) if is_file else trigger.drill
        return prepare(drill, trigger.overrides, target, trigger.environment)

    async def known(self, run_id: str) -> bool:
        async with self._temporal() as client:
            try:
                await client.get_workflow_handle(workflow_id(run_id)).describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return False
            return True

    async def start(self, trigger: Trigger, run_id: str, asked_by: str) -> None:
        if await self.known(run_id):
            return
        # Reading files takes a moment, in which deliveries are confirmed all the same.
        request = await asyncio.to_thread(self._request, trigger, run_id, asked_by)
        async with self._temporal() as client:
            try:
                await start_run(client, request)
            except WorkflowAlreadyStartedError:
                return  # by a try whose answer was lost

    async def end(self, run_id: str, asked_by: str) -> str:
        async with self._temporal() as client:
            handle = client.get_workflow_handle(workflow_id(run_id))
            try:
                await handle.signal("abort", asked_by)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return "had ended by itself"
            return "told to end, and to put everything back"

    def _request(self, trigger: Trigger, run_id: str, asked_by: str) -> RunRequest:
        request = request_for(self.prepare(trigger), self._runs, asked_by, run_id)
        keep_reference(request, self._state)
        return request

    @asynccontextmanager
    async def _temporal(self) -> AsyncIterator[Client]:
        """Its client. Whatever Temporal cannot do now is a StartError: it is tried again.

        Raises RefusedError for what it says can never be.
        """
        try:
            if self._client is None:
                self._client = await attached_session(self._state).temporal()
            yield self._client
        except RPCError as error:
            if error.status is RPCStatusCode.INVALID_ARGUMENT:
                raise RefusedError(f"Temporal refuses it: {error.message}") from error
            self._client = None  # the stack may come back at another address
            raise StartError(f"Temporal does not answer: {error.message}") from error
