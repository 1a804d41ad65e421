"""The response that a drill states, as its record and its result have it."""

from datetime import datetime

from gameday.domain.drill import Until
from gameday.domain.lease import FaultRecord
from gameday.domain.plan import GOOD_IN_A_ROW
from gameday.domain.record import RunRecord
from gameday.domain.result import ResponseResult, StepResult
from gameday.domain.rollback import Response


def stated_response(record: RunRecord) -> Response | None:
    """The response as the run remembers it; None where the drill states none."""
    if not record.request.drill.respond:
        return None
    until = record.request.drill.windows.responded
    return Response(
        injected_at=record.inject.confirmed_at if record.inject else None,
        detection=record.detection,
        decided_at=record.decided_at,
        steps=record.steps,
        ended_at=_ended_at(record),
        good_in_a_row=until.good_in_a_row if isinstance(until, Until) else GOOD_IN_A_ROW,
    )


def _ended_at(record: RunRecord) -> datetime | None:
    """When the fault, or what the response had set, was first about to go."""
    gone = [one.cleared_at for one in (*record.faults, *record.steps) if one.cleared_at]
    asked = [record.restore.requested_at] if record.restore else []
    return min([*gone, *asked], default=None)


def stated_result(response: Response) -> ResponseResult:
    """The clock and the steps, as the result document has them."""
    return ResponseResult(
        injected_at=response.injected_at,
        detected_at=response.detected_at,
        decided_at=response.decided_at,
        called_at=response.called_at,
        first_good_at=response.first_good_at,
        all_good_at=response.all_good_at,
        detected_by=response.detection.by if response.detection else None,
        detection=response.detection.sentence if response.detection else "",
        answers=response.answers,
        bad=response.bad,
        steps=tuple(map(_step_result, response.steps)),
    )


def _step_result(step: FaultRecord) -> StepResult:
    told = step.evidence
    before = told.get("version_at_arm") or {}
    return StepResult(
        id=step.id,
        kind=step.kind,
        on=step.on,
        to=str(told.get("to", "")),
        before=str(before.get("label", "")),
        called_at=told.get("called_at"),
        answered_at=told.get("answered_at"),
        failed=str(told.get("failed", "")),
        unverified=str(told.get("unverified", "")),
        cleared_at=step.cleared_at,
        cleared_by=step.cleared_by,
        cleared_because=step.cleared_because,
    )
