"""Starts, tells and ends runs for whoever asks by an alert: prepared like by hand, known by id."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.recorded import keep_reference
from gameday.cli.drills_there import stop_drills
from gameday.cli.handles import run_of, runbook_workflow_id, workflow_id
from gameday.cli.identity import Signer, reachable, start_digest, started_by
from gameday.cli.planning import Prepared, prepare, request_for
from gameday.cli.respond_planning import PreparedRespond, prepare_respond, respond_start
from gameday.cli.session import attached_session
from gameday.cli.starting import start_respond, start_run
from gameday.domain.errors import InjectorUnreachableError, RefusedError, StartError
from gameday.domain.incident import Alerted, DrillThere
from gameday.domain.record import RunRequest
from gameday.domain.runbook_record import RunbookStart
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.serving import Trigger
from gameday.serve.dispatcher import Wanted


class _About(NamedTuple):
    """What an entry was about when it was last read."""

    target: str
    runbook: str  # '' of a drill's


class RunStarter:
    """Of one state folder: the stack that runs here, else the Temporal that is named."""

    def __init__(self, beside: Path, target: Path, state: Path, runs: Path, signer: Signer) -> None:
        """beside: the folder that files in entries count from. target: where none is named.

        signer: the key of this program, for injectors whose policy names people.
        """
        self._signer = signer
        self._beside = beside
        self._target = target
        self._state = state
        self._runs = runs
        self._client: Client | None = None
        self._about: dict[str, _About] = {}  # by the entry's name
        self._stopped: set[str] = set()  # drills that were told to end

    def try_out(self, trigger: Trigger) -> None:
        """Read what it starts as it is on disk now. Raises FileError.

        Inputs that come from labels have their defaults, as they have where an alert lacks a label.
        """
        if trigger.runbook:
            prepared = self.prepare_runbook(trigger, trigger.inputs_for({}))
            self._about[trigger.name] = _About(prepared.target.target, prepared.runbook.runbook)
        else:
            self._about[trigger.name] = _About(self.prepare(trigger).target.target, "")

    def prepare(self, trigger: Trigger) -> Prepared:
        """The drill as it is on disk now. Raises FileError."""
        drill = self._named(trigger.starts)
        return prepare(drill, trigger.overrides, self._target_file(trigger), trigger.environment)

    def prepare_runbook(self, trigger: Trigger, inputs: dict[str, str]) -> PreparedRespond:
        """The runbook as it is on disk now. Raises FileError."""
        runbook = self._named(trigger.starts)
        return prepare_respond(runbook, inputs, self._target_file(trigger), trigger.environment)

    def target_of(self, trigger: Trigger) -> str:
        return self._about[trigger.name].target

    def runbook_of(self, trigger: Trigger) -> str:
        return self._about[trigger.name].runbook

    async def known(self, run_id: str) -> bool:
        return bool(await self._described(run_id))

    async def goes_on(self, run_id: str) -> bool:
        found = await self._described(run_id)
        return any(one.status is WorkflowExecutionStatus.RUNNING for one in found)

    async def start(self, wanted: Wanted) -> None:
        if await self.known(wanted.run_id):
            return
        # Reading files takes a moment, in which deliveries are confirmed all the same.
        if wanted.trigger.runbook:
            respond = await asyncio.to_thread(self._respond_start, wanted)
            await self._say_start(respond.request, start_digest(respond.request))
        else:
            run = await asyncio.to_thread(self._request, wanted)
            await self._say_start(run, run.plan.digest)
        async with self._temporal() as client:
            try:
                if wanted.trigger.runbook:
                    await start_respond(client, respond)
                else:
                    await start_run(client, run)
            except WorkflowAlreadyStartedError:
                return  # by a try whose answer was lost

    async def _say_start(self, run: RunRequest | RunbookRequest, digest: str) -> None:
        """Tell the run's injector that it is started for an alert, and by whom."""
        at = run.target.environments[run.environment].injector
        injector = reachable(attached_session(self._state), at)
        try:
            await started_by(
                injector, self._signer, run_id=run.run_id, digest=digest, asked_by=run.requested_by
            )
        except InjectorUnreachableError as error:  # tried again
            raise StartError(error.sentence, next_step=error.next_step) from error

    async def end(self, run_id: str, asked_by: str) -> str:
        if await self._signal(run_id, "abort", asked_by):
            return "told to end, and to put back what it must"
        return "had ended by itself"

    async def tell(self, run_id: str, alert: Alerted) -> bool:
        return await self._signal(run_id, "alerted", alert)

    async def stop_drills(self, target: str, by: str) -> list[str]:
        async with self._temporal() as client:
            told = await stop_drills(client, target, by, self._stopped)
        self._stopped.update(told)
        return told

    async def drills_on(self, target: str, since: datetime) -> list[DrillThere]:
        moment = since.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        there = f'(ExecutionStatus = "Running" OR CloseTime >= "{moment}")'
        async with self._temporal() as client:
            found = client.list_workflows(f'WorkflowType = "drill" AND {there}')
            drills = [(one, await one.memo()) async for one in found]
        return [_drill_there(one, memo) for one, memo in drills if memo.get("target") == target]

    async def _described(self, run_id: str) -> list[WorkflowExecution]:
        """The workflow of this run, whatever sort it is of; none where there never was one."""
        found: list[WorkflowExecution] = []
        async with self._temporal() as client:
            for name in (workflow_id(run_id), runbook_workflow_id(run_id)):
                try:
                    found.append(await client.get_workflow_handle(name).describe())
                except RPCError as error:
                    if error.status is not RPCStatusCode.NOT_FOUND:
                        raise
        return found

    async def _signal(self, run_id: str, name: str, told: str | Alerted) -> bool:
        """False when the run has ended."""
        async with self._temporal() as client:
            for workflow in (workflow_id(run_id), runbook_workflow_id(run_id)):
                try:
                    await client.get_workflow_handle(workflow).signal(name, told)
                except RPCError as error:
                    if error.status is not RPCStatusCode.NOT_FOUND:
                        raise
                else:
                    return True
        return False

    def _request(self, wanted: Wanted) -> RunRequest:
        prepared = self.prepare(wanted.trigger)
        request = request_for(prepared, self._runs, wanted.asked_by, wanted.run_id)
        keep_reference(request, self._state)
        return request

    def _respond_start(self, wanted: Wanted) -> RunbookStart:
        inputs = wanted.trigger.inputs_for(wanted.alert.labels)
        return respond_start(
            self.prepare_runbook(wanted.trigger, inputs),
            self._runs,
            wanted.asked_by,
            incident=wanted.incident,
            mode=Mode.LIVE,
            run_id=wanted.run_id,
        )

    def _named(self, name: str) -> str:
        """A file beside ours as a path, a name as it is."""
        return str(self._beside / name) if name.endswith((".yaml", ".yml")) else name

    def _target_file(self, trigger: Trigger) -> Path:
        return self._beside / trigger.target if trigger.target else self._target

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


def _drill_there(execution: WorkflowExecution, memo: Mapping[str, Any]) -> DrillThere:
    expects = memo.get("expects")
    return DrillThere(
        run_id=run_of(execution.id),
        environment=str(memo.get("environment", "")),
        started_at=execution.start_time,
        phase=str(memo.get("phase", "plan")),
        goes_on=execution.status is WorkflowExecutionStatus.RUNNING,
        answers=str(memo.get("answers", "")),
        expects=tuple(map(str, expects)) if isinstance(expects, list) else (),
    )
