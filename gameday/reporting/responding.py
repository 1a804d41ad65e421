"""The response that a drill states, as its record and its result have it."""

from datetime import datetime

from gameday.domain.drill import Until
from gameday.domain.lease import FaultRecord
from gameday.domain.plan import GOOD_IN_A_ROW
from gameday.domain.record import RunRecord
from gameday.domain.result import ItemResult, PlayResult, ResponseResult, StepResult
from gameday.domain.rollback import Response
from gameday.domain.runbook_record import Played, RunbookRecord
from gameday.reporting import wording as say

_OF_AN_ITEM = set(ItemResult.model_fields) - {"approved_by"}


def stated_response(record: RunRecord) -> Response | None:
    """The response as the run remembers it; None where the drill states none."""
    if not record.request.drill.respond and record.request.response is None:
        return None
    until = record.request.drill.windows.responded
    return Response(
        injected_at=record.inject.confirmed_at if record.inject else None,
        detection=record.detection,
        decided_at=record.decided_at,
        steps=record.steps,
        ended_at=_ended_at(record),
        good_in_a_row=until.good_in_a_row if isinstance(until, Until) else GOOD_IN_A_ROW,
        plans=record.plans,
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
        plans=response.plans,
        steps=tuple(map(_step_result, response.steps)),
    )


def played_result(record: RunbookRecord) -> PlayResult:
    """How the runbook was played, as the result document has it."""
    runbook = record.request.runbook
    return PlayResult(
        runbook=runbook.runbook,
        digest=record.request.digest,
        outcome=record.outcome or "",
        sentence=record.sentence,
        items=tuple(map(_item_result, record.played)),
        put_back=tuple(f"{one.item}: {one.failed or 'put back'}" for one in record.undone),
    )


def _item_result(played: Played) -> ItemResult:
    return ItemResult(
        **played.model_dump(include=_OF_AN_ITEM),
        approved_by=tuple(f"{one.by}, {one.how}".rstrip(", ") for one in played.approved_by),
    )


def played_rows(play: PlayResult) -> list[tuple[str, ...]]:
    """Each item that was played: when, what, what was answered, why, and what followed."""
    return [
        (
            say.clock_time(item.asked_at),
            item.item,
            item.words,
            item.answer or say.NONE,
            "; ".join(filter(None, (item.reason, _approvals(item)))),
            item.leads_to or say.NONE,
        )
        for item in play.items
    ]


def _approvals(item: ItemResult) -> str:
    return f"approved by {' and '.join(item.approved_by)}" if item.approved_by else ""


def stated_clock(
    record: RunRecord, response: ResponseResult, zero: datetime
) -> list[tuple[str, ...]]:
    """The six moments, each with how long its stretch took and what it may take.

    Number of its mark, what, time of day, after `zero`, took, objective.
    """
    objectives = _objectives(record)
    called = response.called_at
    moments = (
        (say.NONE, "fault injected", response.injected_at, None, ""),
        ("1", _noticed(response), response.detected_at, response.injected_at, "detected"),
        ("2", "response decided", response.decided_at, response.detected_at, "decided"),
        ("3", "the operator's mechanism called", called, response.decided_at, "called"),
        ("4", "first good answer", response.first_good_at, called, "first_good"),
        ("5", "all answers good again", response.all_good_at, called, "all_good"),
    )
    # What a canary gate is offered need not become good for anybody.
    told = moments if record.request.drill.rolls_back else moments[:4]
    return [
        (
            number,
            what,
            say.clock_time(at) if at else "did not happen",
            say.after(at, zero),
            say.after(at, since).lstrip("+") if since else say.NONE,
            objectives.get(name, say.NONE),
        )
        for number, what, at, since, name in told
        if at is not None or record.inject is not None or number not in {say.NONE, "1"}
    ]


def _noticed(response: ResponseResult) -> str:
    return f"noticed, by {response.detected_by}" if response.detected_by else "noticed"


def _objectives(record: RunRecord) -> dict[str, str]:
    """What the check rolled_back_within allows each stretch, as the drill states it."""
    checks = (spec for spec in record.request.drill.checks if spec.kind == "rolled_back_within")
    return {name: str(value) for spec in checks for name, value in spec.settings.items()}


def _step_result(step: FaultRecord) -> StepResult:
    told = step.evidence
    before = told.get("version_at_arm") or {}
    return StepResult(
        id=step.id,
        kind=step.kind,
        on=step.on,
        to=_set_to(step),
        before=str(before.get("label", "")),
        called_at=told.get("called_at"),
        answered_at=told.get("answered_at"),
        failed=str(told.get("failed", "")),
        unverified=str(told.get("unverified", "")),
        cleared_at=step.cleared_at,
        cleared_by=step.cleared_by,
        cleared_because=step.cleared_because,
    )


def _set_to(step: FaultRecord) -> str:
    """What it set; of one that goes before the fault, as its store called that."""
    at_clear = step.evidence.get("version_at_clear") or {}
    if step.evidence.get("goes_before"):
        return f"what was before: {at_clear.get('label', 'not known')}"
    return str(step.evidence.get("to", ""))
