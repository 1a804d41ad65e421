"""Ends the drills on a target where something is wrong for real."""

from collections.abc import Collection

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from gameday.cli.handles import run_of


async def stop_drills(
    client: Client, target: str, by: str, told: Collection[str] = ()
) -> list[str]:
    """Tell every drill that goes on there to end, and to put everything back; their runs' ids.

    told: runs that have been told already.
    """
    stopped = []
    going_on = 'WorkflowType = "drill" AND ExecutionStatus = "Running"'
    async for execution in client.list_workflows(going_on):
        run_id = run_of(execution.id)
        there = (await execution.memo()).get("target") == target
        if there and run_id not in told and await _told(client, execution.id, by):
            stopped.append(run_id)
    return stopped


async def _told(client: Client, workflow: str, by: str) -> bool:
    """False where it has ended by itself meanwhile."""
    try:
        await client.get_workflow_handle(workflow).signal("abort", by)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
