"""Starts the workflow of a run, whoever asked for it."""

from datetime import timedelta

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy

from gameday.cli.handles import workflow_id
from gameday.domain.record import RunRequest
from gameday.domain.result import Result
from gameday.supervisor.queues import QUEUE_DRILL
from workflows.drill import DrillWorkflow
from workflows.patience import DECIDED_WITHIN


async def start_run(client: Client, request: RunRequest) -> WorkflowHandle[DrillWorkflow, Result]:
    """Raises WorkflowAlreadyStartedError where there is, or was, a run of this id."""
    return await client.start_workflow(
        DrillWorkflow.run,
        request,
        id=workflow_id(request.run_id),
        task_queue=QUEUE_DRILL,
        memo={
            "drill": request.drill.drill,
            "target": request.target.target,
            "folder": request.folder,
            "requested_by": request.requested_by,
        },
        task_timeout=DECIDED_WITHIN,
        execution_timeout=timedelta(seconds=request.plan.seconds_max + 7200),
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
