"""Starts the workflow of a run, whoever asked for it."""

from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy

from gameday.cli.handles import runbook_workflow_id, workflow_id
from gameday.domain.record import RunRequest, memo_of
from gameday.domain.result import Result
from gameday.domain.runbook_record import RunbookRecord, RunbookStart
from gameday.supervisor.queues import QUEUE_DRILL
from workflows.drill import DrillWorkflow
from workflows.patience import DECIDED_WITHIN, drill_within


async def start_respond(client: Client, start: RunbookStart) -> WorkflowHandle[Any, RunbookRecord]:
    """Raises WorkflowAlreadyStartedError where there is, or was, a run of this id."""
    request = start.request
    return await client.start_workflow(
        "runbook",
        start,
        id=runbook_workflow_id(request.run_id),
        result_type=RunbookRecord,
        task_queue=QUEUE_DRILL,
        memo={
            "runbook": request.runbook.runbook,
            "target": request.target.target,
            "environment": request.environment,
            "mode": request.mode,
            "incident": request.incident,
            "folder": request.folder,
            "requested_by": request.requested_by,
        },
        task_timeout=DECIDED_WITHIN,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )


async def start_run(client: Client, request: RunRequest) -> WorkflowHandle[DrillWorkflow, Result]:
    """Raises WorkflowAlreadyStartedError where there is, or was, a run of this id."""
    return await client.start_workflow(
        DrillWorkflow.run,
        request,
        id=workflow_id(request.run_id),
        task_queue=QUEUE_DRILL,
        memo=memo_of(request),
        task_timeout=DECIDED_WITHIN,
        execution_timeout=drill_within(request.plan),
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
