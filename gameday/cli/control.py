"""`gameday status`: what goes on."""

import asyncio
import json
from typing import Annotated, Any

import typer

from gameday.cli.handles import run_of, runbook_workflow_id, workflow_id
from gameday.cli.options import DEFAULT_STATE, AsJson, StateFolder
from gameday.cli.screen import table
from gameday.cli.session import Session, attached_session


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


async def _status(session: Session, run_id: str | None) -> dict[str, Any]:
    client = await session.temporal()
    ids = [f'"{name(run_id)}"' for name in (workflow_id, runbook_workflow_id)] if run_id else []
    wanted = "WorkflowType IN ('drill', 'runbook') AND " + (
        f"WorkflowId IN ({', '.join(ids)})" if ids else 'ExecutionStatus="Running"'
    )
    runs = []
    async for execution in client.list_workflows(wanted, limit=50):
        memo = await execution.memo()
        runs.append(
            {
                "run_id": run_of(execution.id),
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


def _what(run: dict[str, Any]) -> str:
    """The drill, or the runbook and how it is played, if that is told."""
    if "runbook" not in run:
        return str(run.get("drill", "?"))
    return " ".join(filter(None, (run["runbook"], str(run.get("mode", "")), run.get("incident"))))


def _status_lines(seen: dict[str, Any]) -> list[str]:
    rows = [
        (run["run_id"], run["status"], run.get("phase", "?"), _what(run)) for run in seen["runs"]
    ]
    lines = table([("RUN", "STATUS", "PHASE", "DRILL OR RUNBOOK"), *rows]) if rows else ["no run"]
    armed = [fault for fault in seen.get("faults", ()) if fault["state"] != "cleared"]
    for fault in armed:
        lines.append(
            f"{fault['state']}: {fault['kind']} on {fault['on']} by run {fault['run_id']}, "
            f"lease {fault['expires_in_s'] or 0:.0f} s"
        )
    return lines if armed else [*lines, "no fault is armed"]
