"""`gameday status` and `approve`: what is asked of a run that goes on."""

import asyncio
import json
from typing import Annotated, Any

import typer
from temporalio.client import WorkflowUpdateFailedError

from gameday.cli.handles import running, workflow_id
from gameday.cli.options import (
    DEFAULT_STATE,
    AsJson,
    RunId,
    StateFolder,
    Who,
    me,
)
from gameday.cli.screen import table
from gameday.cli.session import Session, attached_session
from gameday.domain.environment import is_production
from gameday.domain.errors import RefusedError
from gameday.domain.progress import Approval, RunProgress
from workflows.drill import DrillWorkflow


def status(
    run_id: Annotated[str | None, typer.Argument(help="One run; without it, all.")] = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Show what runs, and which faults are armed. Needs no worker.

    Example:  gameday status
    """
    session = attached_session(state)
    seen = asyncio.run(_status(session, run_id))
    if as_json:
        print(json.dumps(seen, indent=2, default=str))
        return
    for line in _status_lines(seen):
        print(line)


def approve(run_id: RunId, state: StateFolder = DEFAULT_STATE, who: Who = None) -> None:
    """Approve the exact plan of a run that waits for it.

    Example:  gameday approve 7Q2K --as dana
    """
    session = attached_session(state)
    print(asyncio.run(_approve(session, run_id, who or me())))


async def _status(session: Session, run_id: str | None) -> dict[str, Any]:
    client = await session.temporal()
    wanted = 'WorkflowType = "drill"' + (
        f' AND WorkflowId = "{workflow_id(run_id)}"' if run_id else ' AND ExecutionStatus="Running"'
    )
    runs = []
    async for execution in client.list_workflows(wanted, limit=50):
        memo = await execution.memo()
        runs.append(
            {
                "run_id": execution.id.removeprefix("drill-"),
                "status": execution.status.name.lower() if execution.status else "unknown",
                "started_at": execution.start_time,
                **memo,
            }
        )
    seen: dict[str, Any] = {"runs": runs}
    if session.running is not None:
        seen["stack"] = session.running.model_dump()
        faults = await session.injector(session.running.injector_url).faults(run_id)
        seen["faults"] = [fault.model_dump(mode="json") for fault in faults]
    return seen


def _status_lines(seen: dict[str, Any]) -> list[str]:
    rows = [
        (run["run_id"], run["status"], run.get("phase", "?"), run.get("drill", "?"))
        for run in seen["runs"]
    ]
    lines = table([("RUN", "STATUS", "PHASE", "DRILL"), *rows]) if rows else ["no run"]
    armed = [fault for fault in seen.get("faults", ()) if fault["state"] != "cleared"]
    for fault in armed:
        lines.append(
            f"{fault['state']}: {fault['kind']} on {fault['on']} by run {fault['run_id']}, "
            f"lease {fault['expires_in_s'] or 0:.0f} s"
        )
    return lines if armed else [*lines, "no fault is armed"]


async def _approve(session: Session, run_id: str, who: str) -> str:
    handle = await running(await session.temporal(), run_id)
    seen: RunProgress = await handle.query(DrillWorkflow.progress)
    request = seen.record.request
    if who == request.requested_by and is_production(request.environment):
        raise RefusedError(
            f"{who} asked for run {run_id}; in {request.environment} somebody else approves it",
            next_step=f"gameday approve {run_id} --as NAME, by that person",
        )
    url = request.target.environments[request.environment].injector
    # The injector keeps the approval and verifies it itself; the workflow only waits for it.
    await session.injector(url).approve(request.plan.digest, who)
    try:
        return await handle.execute_update(
            DrillWorkflow.approve, Approval(by=who, plan_digest=request.plan.digest)
        )
    except WorkflowUpdateFailedError as error:
        raise RefusedError(
            f"run {run_id}: {error.cause}", next_step=f"gameday status {run_id}"
        ) from error
