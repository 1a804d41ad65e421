"""Makes the review of a drill's run out of what the run and the ledger have kept."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gameday.catalog.kinds import faults
from gameday.domain.alerts import AlertState, Sighting
from gameday.domain.finding import Finding
from gameday.domain.layer import LAYERS, Layer, layer_of
from gameday.domain.lease import FaultRecord
from gameday.domain.ledger import Change, Differences, Entry, what_changed
from gameday.domain.record import RunRecord
from gameday.domain.result import ResponseResult, Result
from gameday.domain.review import Known, Noted, Review
from gameday.reporting import wording as say
from gameday.reporting.inert import inert_line
from gameday.reporting.review_questions import of_changes, of_drill

LOOK_BACK = timedelta(days=1)
_WATCHED = frozenset({AlertState.FIRING, AlertState.SUPPRESSED, AlertState.GONE})


@dataclass(frozen=True)
class Around:
    """What is known from around a run: the ledger's lines, the alerts seen, the actions.

    since: from when on changes are looked for; None: a day before the run began.
    """

    entries: Sequence[Entry] = ()
    sightings: Sequence[Sighting] = ()
    actions: tuple[Finding, ...] = ()
    since: datetime | None = None

    def changed(self, began_at: datetime, ended_at: datetime) -> Differences:
        """What changed from then to the run's end; of no line at all, that nothing is known."""
        since = self.since or began_at - LOOK_BACK
        lines = [entry for entry in self.entries if entry.at <= ended_at + timedelta(seconds=60)]
        return what_changed(lines, since) if lines else Differences(since=since, until=ended_at)


def review_drill(record: RunRecord, result: Result, around: Around) -> Review:
    """The review of a drill that is over."""
    found = around.changed(result.started_at, result.ended_at)
    alerts = [one for one in around.sightings if one.alert and one.state in _WATCHED]
    timeline = [
        *changes_noted(found, own=result.run_id),
        *_alerts(alerts),
        *_held(record),
        *_said(record),
        *_response(result.response, record),
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
            *of_changes(found, result.response.detected_at),
        ),
        actions=around.actions,
    )


def in_order(timeline: Iterable[Noted]) -> tuple[Noted, ...]:
    return tuple(sorted(timeline, key=lambda noted: noted.at))


def known_layers(found: Differences) -> tuple[Known, ...]:
    """Of each layer in turn: what changed, what is as before, or that nobody knows."""
    return tuple(_known(layer, found) for layer in LAYERS)


def changes_noted(found: Differences, own: str) -> Iterator[Noted]:
    """The ledger's changes; without those that the run itself made and put back again."""
    for change in found.changes:
        if change.drill != own:
            yield Noted(
                at=change.at or change.until,
                layer=layer_of(change.component.split()[0]),
                by=f"the drill {change.drill}" if change.drill else change.by,
                what=change_words(change),
            )


def change_words(change: Change) -> str:
    """`prompt changed: support-v3 to support-v4, between 09:00:00.000 and 09:10:00.000`."""
    between = f"between {say.clock_time(change.after)} and {say.clock_time(change.until)}"
    note = f" ({change.note})" if change.note else ""
    return inert_line(
        f"{change.component} changed: {change.before.label} to {change.now.label}, {between}{note}"
    )


def _known(layer: Layer, found: Differences) -> Known:
    own = [one for one in found.changes if layer_of(one.component.split()[0]) == layer]
    by_drills = sorted({one.drill for one in own if one.drill})
    said = [f"{change_words(one)}, by {_whom(one)}" for one in own if not one.drill]
    if by_drills:
        said.append(f"changed by drills, and put back as far as is known: {', '.join(by_drills)}")
    if own:
        left = _left_changed(own)
        return Known(
            layer=layer, state="changed" if left else "as before", sentence="; ".join(said)
        )
    same = [name for name in found.unchanged if layer_of(name.split()[0]) == layer]
    if same:
        said = [f"{', '.join(same)}: the same at the last look as at the first"]
        return Known(layer=layer, state="as before", sentence=said[0])
    return Known(
        layer=layer,
        state="not known",
        sentence="the ledger has nothing of it from both before and after",
    )


def _left_changed(changes: Sequence[Change]) -> bool:
    """Whether somebody else than a drill changed any, or it stands at another version now."""
    ends: dict[str, tuple[str, str]] = {}
    for one in changes:
        first, _ = ends.get(one.component, (one.before.digest, ""))
        ends[one.component] = (first, one.now.digest)
    return any(not one.drill for one in changes) or any(a != b for a, b in ends.values())


def _whom(change: Change) -> str:
    return change.by or "nobody knows whom"


def _alerts(sightings: Iterable[Sighting]) -> Iterator[Noted]:
    for seen in sightings:
        told = f", to {', '.join(seen.receivers)}" if seen.receivers else ""
        what = f"alert {seen.alert} {seen.state} at {seen.stage}{told}"
        yield Noted(at=seen.at, layer="operation", by="alerts", what=what)


def _held(record: RunRecord) -> Iterator[Noted]:
    """Faults and steps: when each took hold, and when it went."""
    for held in (*record.faults, *record.steps):
        layer, words = layer_of_held(held), f"{held.kind} on {held.on}"
        if held.armed_at and not held.step:
            yield Noted(at=held.armed_at, layer=layer, by="the drill", what=f"{words}: broken")
        if held.armed_at and held.step:
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
