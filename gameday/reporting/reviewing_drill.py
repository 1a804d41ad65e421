"""Makes the review of a drill's run out of what the run and the ledger have kept."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from gameday.catalog.kinds import faults
from gameday.domain.alerts import AlertState, Sighting
from gameday.domain.layer import Layer, layer_of
from gameday.domain.lease import FaultRecord
from gameday.domain.record import RunRecord
from gameday.domain.result import ResponseResult, Result
from gameday.domain.review import Noted, Review
from gameday.domain.runbook_record import RunbookRecord
from gameday.reporting.inert import inert_line
from gameday.reporting.review_questions import of_changes, of_drill
from gameday.reporting.reviewing import Around, changes_noted, in_order, known_layers
from gameday.reporting.reviewing_runbook import alert_noted, runbook_noted, runbook_questions

_WATCHED = frozenset({AlertState.FIRING, AlertState.SUPPRESSED, AlertState.GONE})


def review_drill(
    record: RunRecord, result: Result, around: Around, played: RunbookRecord | None = None
) -> Review:
    """The review of a drill that is over. played: the runbook that was its response."""
    found = around.changed(result.started_at, result.ended_at)
    alerts = [one for one in around.sightings if one.alert and one.state in _WATCHED]
    timeline = [
        *changes_noted(found, own=result.run_id),
        *_alerts(alerts),
        *_held(record, told=played is not None),
        *_said(record),
        *_response(result.response, record),
        *(runbook_noted(played) if played else ()),
        _ended(result),
    ]
    return Review(
        run=result.run_id,
        sort="drill",
        name=result.drill,
        title=result.title,
        incident="",
        target=result.target,
        environment=result.environment,
        ended=result.verdict.value,
        reason=result.reason,
        summary=result.summary,
        since=found.since,
        began_at=result.started_at,
        ended_at=result.ended_at,
        layers=known_layers(found),
        timeline=in_order(timeline),
        questions=(
            *of_drill(record, result, alerts),
            *(runbook_questions(played) if played else ()),
            *of_changes(found, _began_at(record), result.response.detected_at),
        ),
        actions=around.actions,
    )


def _alerts(sightings: Iterable[Sighting]) -> Iterator[Noted]:
    for seen in sightings:
        told = f", to {', '.join(seen.receivers)}" if seen.receivers else ""
        what = f"alert {seen.alert} {seen.state} at {seen.stage}{told}"
        yield Noted(at=seen.at, layer="operation", by="alerts", what=what)


def _began_at(record: RunRecord) -> datetime:
    """When something was wrong, or tried, for certain."""
    return record.inject.requested_at if record.inject else record.started_at


def _held(record: RunRecord, *, told: bool) -> Iterator[Noted]:
    """Faults and steps: when each took hold, and went. told: a runbook tells of its steps."""
    for held in (*record.faults, *record.steps):
        layer, words = layer_of_held(held), f"{held.kind} on {held.on}"
        if held.armed_at and not held.step:
            yield Noted(at=held.armed_at, layer=layer, by="the drill", what=f"{words}: broken")
        if held.armed_at and held.step and not told:
            yield Noted(at=held.armed_at, layer=layer, by="response", what=_called(held))
        if gone_at := held.gone_at:
            back = "the step's change put back" if held.step else "the fault was gone"
            by = str(held.cleared_by or "")
            yield Noted(at=gone_at, layer=layer, by=by, what=f"{words}: {back}")


def layer_of_held(held: FaultRecord) -> Layer:
    """Of the fault's own word, where it has one; else of what it is on."""
    made = None if held.step else dict(faults.kinds()).get(held.kind)
    return (made.layer if made else None) or layer_of(held.on)


def _called(held: FaultRecord) -> str:
    told = held.evidence
    failed = told.get("failed") or told.get("unverified")
    outcome = f"did not take: {failed}" if failed else "took, and read back"
    to = f", to {told['to']}" if told.get("to") else ""
    return f"{held.kind} on {held.on}{to}: {outcome}"


def _said(record: RunRecord) -> Iterator[Noted]:
    """What the workflow decided, and who said yes to it."""
    for event in record.events:
        facts = event.facts
        match event.what:
            case "approved":
                yield _operation(event.at, str(facts.get("by", "")), "approved the plan")
            case "alerted":
                yield alert_noted(event)
            case "planned":
                order = ", then ".join(facts.get("put_back", ())) or "nothing"
                yield _operation(event.at, "plan", f"puts back {order}")
            case "not_responded" | "step_refused" | "refused" | "stop":
                why = facts.get("reason") or facts.get("sentence") or ""
                by = str(facts.get("by") or event.author)
                yield _operation(event.at, by, f"{event.what.replace('_', ' ')}: {why}")


def _response(clock: ResponseResult, record: RunRecord) -> Iterator[Noted]:
    moments = (
        (
            clock.detected_at,
            clock.detected_by or "clients",
            clock.detection or _first_failed(clock),
        ),
        (clock.decided_at, "workflow", "the response was decided"),
        (clock.first_good_at, "clients", "the first good answer after that"),
        (clock.all_good_at, "clients", "from here on all answers are good"),
    )
    for at, by, what in moments:
        if at is not None:
            yield _operation(at, by, f"noticed: {what}" if at == clock.detected_at else what)
    if record.restore is not None:
        yield _operation(record.restore.confirmed_at, "restore", "everything was put back")


def _first_failed(clock: ResponseResult) -> str:
    return "the first attempt failed" if clock.called_at else "the first answer that was not good"


def _ended(result: Result) -> Noted:
    return _operation(result.ended_at, "report", f"{result.verdict}: {result.reason}")


def _operation(at: datetime, by: str, what: str) -> Noted:
    return Noted(at=at, layer="operation", by=by, what=inert_line(what))
