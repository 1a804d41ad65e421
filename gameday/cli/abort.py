"""`gameday abort`: stops a run. Where an injector runs here, `entry.py` has cleared its faults."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from gameday.cli.handles import Handle, runbook_workflow_id, why_not_running, workflow_id
from gameday.cli.options import DEFAULT_STATE, RunId, StateFolder, Who, me
from gameday.supervisor.stack import running_stack
from gameday.supervisor.temporal import connect

_ANSWER_S_MAX = 10
_JUST = timedelta(seconds=30)


def abort(run_id: RunId, state: StateFolder = DEFAULT_STATE, who: Who = None) -> None:
    """Stop a run. A drill puts everything back, and answers once that is done. Everyone may.

    A runbook's run does nothing more; what it has changed stays, and is told.

    Example:  gameday abort 7Q2K
    """
    print(asyncio.run(_abort(state, run_id, who or me())))


async def _abort(state: Path, run_id: str, who: str) -> str:
    """Signal first, which needs no worker; then wait for a worker to say that it is done.

    By name, since the workflow's own module would load all of Gameday first.
    """
    running = running_stack(state)
    client = await connect(running.temporal_address if running else None)
    handle = client.get_workflow_handle(workflow_id(run_id))
    runbook = client.get_workflow_handle(runbook_workflow_id(run_id))
    try:
        await handle.signal("abort", who)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND and await _goes_on(runbook):
            return await _stop_runbook(runbook, run_id, who)
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        if await _has_just_ended(handle):  # it felt that its faults were cleared, and left
            return f"run {run_id} is stopped: it has ended"
        raise (await why_not_running(handle, run_id) or error) from error
    try:
        done: str = await handle.execute_update(
            "abort_now", who, rpc_timeout=timedelta(seconds=_ANSWER_S_MAX)
        )
    except (RPCError, WorkflowUpdateFailedError):
        return (
            f"run {run_id} is told to stop, but no worker has said within {_ANSWER_S_MAX} s that "
            f"it is done; its faults end with their leases, at once with  gameday sweep"
        )
    return f"run {run_id} is stopped: {done}"


async def _goes_on(handle: Handle) -> bool:
    try:
        return (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    except RPCError:
        return False


async def _stop_runbook(handle: Handle, run_id: str, who: str) -> str:
    """Nothing is put back: what is changed in an incident is there to stay."""
    try:
        await handle.signal("abort", who)
        limit = timedelta(seconds=_ANSWER_S_MAX)
        done: str = await handle.execute_update("abort_now", who, rpc_timeout=limit)
    except (RPCError, WorkflowUpdateFailedError):
        return (
            f"run {run_id} is told to stop, and no worker has said within {_ANSWER_S_MAX} s that "
            f"it has; what it does now is in  gameday status {run_id}"
        )
    return f"run {run_id} is stopped: {done}"


async def _has_just_ended(handle: Handle) -> bool:
    try:
        closed_at = (await handle.describe()).close_time
    except RPCError:
        return False
    return closed_at is not None and datetime.now(UTC) - closed_at < _JUST
