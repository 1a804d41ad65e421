"""Makes the review of a run of a runbook: of an incident that was answered, or of a dry run."""

from collections.abc import Iterator
from datetime import datetime

from gameday.domain.incident import Incident
from gameday.domain.layer import Layer, layer_of
from gameday.domain.record import Event
from gameday.domain.review import Noted, OpenQuestion, Review
from gameday.domain.runbook_record import (
    FAILED,
    NOBODY,
    REFUSED,
    Outcome,
    Played,
    RunbookRecord,
)
from gameday.domain.runbook_request import Mode
from gameday.reporting.explaining_runbook import item_words, known_at
from gameday.reporting.inert import inert_line
from gameday.reporting.review_questions import asked, of_changes, slow
from gameday.reporting.reviewing import Around, changes_noted, in_order, known_layers

_UNSURE = frozenset({"unknown", "undecided", "unrecorded", "several"})


def review_runbook(record: RunbookRecord, around: Around, incident: Incident | None) -> Review:
    """The review of a run that is over. incident: that it answered, as far as it is known."""
    request = record.request
    ended_at = record.ended_at or max(
        (one.asked_at for one in record.played), default=record.started_at
    )
    began_at = min(record.started_at, incident.since) if incident else record.started_at
    found = around.changed(began_at, ended_at)
    return Review(
        run=request.run_id,
        sort="runbook",
        name=request.runbook.runbook,
        title=request.runbook.title,
        incident=request.incident,
        target=request.target.target,
        environment=request.environment,
        ended=record.outcome.value if record.outcome else "not closed",
        reason=record.sentence or "nobody has closed it",
        summary=incident.what if incident else "",
        since=found.since,
        began_at=began_at,
        ended_at=ended_at,
        layers=known_layers(found),
        timeline=in_order(
            (
                *changes_noted(found, own=request.run_id),
                *_of_the_incident(incident),
                *runbook_noted(record),
                *_ended(record),
            )
        ),
        questions=(
            *_of_starting(record, incident),
            *runbook_questions(record),
            *of_changes(found, record.started_at, record.started_at),
        ),
        actions=around.actions,
    )


def runbook_noted(record: RunbookRecord) -> Iterator[Noted]:
    """What happened while it was played, item by item; also as a part of a drill."""
    yield from (alert_noted(event) for event in record.events if event.what == "alerted")
    for played in record.played:
        yield from _of_item(played)
    for undone in record.undone:
        what = f"NOT put back: {undone.failed}" if undone.failed else "put back, and read back"
        at = undone.verified_at or undone.asked_at
        yield _noted(at, layer_of(undone.on), "workflow", f"{undone.on}: {what}")


def alert_noted(event: Event) -> Noted:
    """What an alert told the run."""
    state = "firing" if event.facts.get("firing") else "over"
    by = str(event.facts.get("sender") or "alerts")
    return _noted(event.at, "operation", by, f"alert {event.facts.get('alert', '')} {state}")


def runbook_questions(record: RunbookRecord) -> Iterator[OpenQuestion]:
    """What is open after it was played; also as a part of a drill."""
    for played in record.played:
        yield from _questions_of(played)
    if record.outcome is Outcome.HANDED_OVER:
        text = "What would the runbook have to know or be allowed to end this by itself?"
        yield asked(text, record.sentence)
    for undone in record.undone:
        if undone.failed:
            yield asked(f"What does {undone.on} stand at now, and who looks at it?", undone.failed)
    if record.request.mode is Mode.LIVE:
        for played in record.changed:
            text = f"Does {played.on} stay as the runbook has left it, until when, and who decides?"
            yield OpenQuestion(
                layer=layer_of(played.on),
                text=text,
                because=f"{item_words(played)}: {played.answer}",
            )


def _of_the_incident(incident: Incident | None) -> Iterator[Noted]:
    if incident is None:
        return
    what = f"incident {incident.id} was opened: {incident.what}"
    yield _noted(incident.since, "operation", incident.source, what)
    if incident.closed_at is not None:
        closed = f"incident {incident.id} was closed"
        yield _noted(incident.closed_at, "operation", incident.closed_by, closed)


def _ended(record: RunbookRecord) -> Iterator[Noted]:
    by = record.request.requested_by
    named = f"the runbook {record.request.runbook.runbook}, mode {record.request.mode}"
    yield _noted(record.started_at, "operation", by, f"started {named}")
    if record.stop is not None and record.stop.at is not None:
        yield _noted(record.stop.at, "operation", record.stop.by, f"stop: {record.stop.reason}")
    if record.ended_at is not None:
        what = f"{record.outcome or 'not closed'}: {record.sentence}"
        yield _noted(record.ended_at, "operation", "workflow", what)


def _of_item(played: Played) -> Iterator[Noted]:
    layer = layer_of(played.on) if played.on else "operation"
    if played.proposal:
        yield _noted(played.asked_at, layer, "workflow", f"asks people: {item_words(played)}")
    for one in played.approved_by:
        yield _noted(one.at, layer, one.by, f"said yes to {item_words(played)}")
    if played.called_at is not None and played.sort == "step":
        yield _noted(played.called_at, layer, "workflow", f"{item_words(played)}: called")
    reason = f": {played.reason}" if played.reason else ""
    what = f"{played.item}: {item_words(played)}: {played.answer or 'not over'}{reason}"
    yield _noted(known_at(played), layer, "workflow", what)


def _questions_of(played: Played) -> Iterator[OpenQuestion]:
    layer = layer_of(played.on) if played.on else "operation"
    if played.sort == "question" and played.answer in _UNSURE:
        text = f"What would have let {played.kind} be answered?"
        because = f"{played.answer}: {played.reason}"
        yield OpenQuestion(layer=layer, text=text, because=inert_line(because))
    if played.answer == NOBODY:
        text = f"Who should have answered {played.item}, and is what happened instead still right?"
        yield asked(text, f"nobody did; it went on to {played.leads_to or 'the next item'}")
    if played.answer in {FAILED, REFUSED}:
        text = f"Why did {item_words(played)} not work, and did anybody know before?"
        yield OpenQuestion(layer=layer, text=text, because=inert_line(played.reason))
    if played.attempts > 1:
        because = f"{played.attempts} attempts; {played.reason}"
        yield asked(f"Why did {item_words(played)} need more than one attempt?", because)
    if played.approved_by:
        last_at = max(one.at for one in played.approved_by)
        yield from slow(f"until {played.item} was approved", played.asked_at, last_at)


def _of_starting(record: RunbookRecord, incident: Incident | None) -> Iterator[OpenQuestion]:
    if incident is not None:
        yield from slow("from the first sign to the runbook", incident.since, record.started_at)
    if not any(event.what == "alerted" for event in record.events) and not (
        incident and incident.alerts
    ):
        because = f"{record.request.requested_by} started it, and no alert"
        yield asked("Which alert of your own should have started it?", because)


def _noted(at: datetime, layer: Layer, by: str, what: str) -> Noted:
    return Noted(at=at, layer=layer, by=by, what=inert_line(what))
