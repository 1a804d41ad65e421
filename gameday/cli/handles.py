"""Runs as Temporal knows them, by their id. Light to import: an abort must start quickly."""

from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from gameday.domain.errors import FileError

Handle = WorkflowHandle[Any, Any]


def workflow_id(run_id: str) -> str:
    return f"drill-{run_id}"


def runbook_workflow_id(run_id: str) -> str:
    return f"runbook-{run_id}"


def run_of(workflow: str) -> str:
    """The id of the run whose workflow this is."""
    return workflow.partition("-")[2]


async def why_not_running(handle: Handle, run_id: str) -> FileError | None:
    """The error to raise when no such run goes on; None when it does."""
    try:
        described = await handle.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return FileError(f"there is no run {run_id}", next_step="gameday status")
    if described.status is not WorkflowExecutionStatus.RUNNING:
        return FileError(f"run {run_id} has ended", next_step=f"gameday report {run_id}")
    return None


async def running(client: Client, run_id: str) -> Handle:
    """The run's handle. Raises FileError when no such run goes on."""
    handle = client.get_workflow_handle(workflow_id(run_id))
    if error := await why_not_running(handle, run_id):
        raise error
    return handle


async def running_any(client: Client, run_id: str) -> Handle:
    """The handle of a drill or of a runbook's run. Raises FileError when neither goes on."""
    handle = client.get_workflow_handle(runbook_workflow_id(run_id))
    if await why_not_running(handle, run_id) is None:
        return handle
    return await running(client, run_id)
