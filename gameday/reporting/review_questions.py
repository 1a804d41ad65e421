"""What may have contributed, as open questions: each is raised by something that was recorded.

A generated review can know what happened and when. Why people and systems were as they were it
cannot know, so it asks.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gameday.domain.alerts import Sighting
from gameday.domain.layer import layer_of
from gameday.domain.ledger import Change, Differences
from gameday.domain.record import RunRecord
from gameday.domain.result import Result
from gameday.domain.review import OpenQuestion
from gameday.domain.verdict import Held
from gameday.reporting import wording as say
from gameday.reporting.inert import inert_line

_SLOW_S = 60.0  # between two moments of a response; longer than that is worth a question


def of_drill(
    record: RunRecord, result: Result, alerts: Sequence[Sighting]
) -> Iterator[OpenQuestion]:
    yield from _of_checks(result)
    yield from _of_noticing(record, result, alerts)
    yield from _of_the_response(result)
    if record.dirty:
        yield asked("What is left, and who looks at it?", record.dirty)
    if result.stop is not None and result.stop.guard:
        why = f"{result.stop.guard}: {result.stop.reason}"
        yield asked("Is that guard where users would draw the line?", why)


def of_changes(
    found: Differences, began_at: datetime, noticed_at: datetime | None
) -> Iterator[OpenQuestion]:
    """Of what somebody changed, and of what nobody looked at; drills put back what they change.

    began_at: when the trouble had begun for certain. What changed later is no cause of it.
    """
    for change in found.changes:
        if not change.drill and change.after < began_at:
            yield from _of_change(change, noticed_at)
    for name in found.unknown:
        if not name.startswith("inputs of drill"):  # each asks its own
            yield OpenQuestion(
                layer=layer_of(name.split()[0]),
                text=f"Could the {name} have changed without anybody knowing?",
                because="the ledger did not read it at both ends of the time that was looked at",
            )


def _of_change(change: Change, noticed_at: datetime | None) -> Iterator[OpenQuestion]:
    name, layer = change.component, layer_of(change.component.split()[0])
    because = inert_line(
        f"{change.before.label} to {change.now.label}, between {say.date_time(change.after)} and "
        f"{say.date_time(change.until)}"
    )
    by = f"that {change.by} made " if change.by else ""
    texts = [f"Did the change {by}to the {name} contribute, and what let it through?"]
    if not change.by:
        texts.append(f"Who or what changed the {name}, and why does nothing say so?")
    if noticed_at and change.until < noticed_at:
        waited = say.long_time((noticed_at - change.until).total_seconds())
        texts.append(f"What would have noticed the changed {name} in less than {waited}?")
    for text in texts:
        yield OpenQuestion(layer=layer, text=text, because=because)


def asked(text: str, because: str) -> OpenQuestion:
    """A question of operation."""
    return OpenQuestion(layer="operation", text=text, because=inert_line(because))


def slow(what: str, since: datetime | None, at: datetime | None) -> Iterator[OpenQuestion]:
    """Of two moments that lie far apart."""
    took_s = (at - since).total_seconds() if at and since else 0.0
    if took_s > _SLOW_S:
        took = say.long_time(took_s)
        yield asked(f"Why did it take {took} {what}, and what would halve it?", f"it took {took}")


def _of_checks(result: Result) -> Iterator[OpenQuestion]:
    for check in result.checks:
        name = f"{check.kind} {check.name}".strip()
        if check.held is Held.NO:
            yield asked(f"What kept {name} from holding?", check.reason)
        elif check.held is Held.UNKNOWN:
            yield asked(f"What would have to be measured to decide {name}?", check.reason)


def _of_noticing(
    record: RunRecord, result: Result, alerts: Sequence[Sighting]
) -> Iterator[OpenQuestion]:
    clock, drill = result.response, record.request.drill
    if drill.detect is not None and clock.injected_at and clock.detected_at is None:
        yield asked("What could have noticed it?", clock.detection or "nobody noticed anything")
    yield from slow("to notice it", clock.injected_at, clock.detected_at)
    told = any(event.what == "alerted" for event in record.events)
    if record.inject is not None and not alerts and not told:
        watched = record.request.target.alerts is not None
        because = "no alert was seen" if watched else "the target file names no alerts to look at"
        yield asked("Which alert of your own should have told somebody?", because)


def _of_the_response(result: Result) -> Iterator[OpenQuestion]:
    clock = result.response
    yield from slow("from noticing it to deciding", clock.detected_at, clock.decided_at)
    if clock.called_at and clock.steps and clock.all_good_at is None:
        because = f"{clock.bad} of {clock.answers} answers after the call were not good"
        yield asked("Why did what was put back not help?", because)
    if clock.first_good_at and clock.all_good_at:
        took_s = (clock.all_good_at - clock.first_good_at).total_seconds()
        if took_s > 1 and clock.steps:
            text = (
                "Which cache or process went on with the old version after the first good answer?"
            )
            yield asked(text, f"{took_s:.1f} s passed from the first good answer to all of them")
    for step in clock.steps:
        if step.failed or step.unverified:
            text = f"Why did {step.kind} on {step.on} not take, and what would have been next?"
            yield asked(text, step.failed or step.unverified)
