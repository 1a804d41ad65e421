"""Explains a run of a runbook: what led to each deed, who said yes, and what came of it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gameday.domain.explanation import Choice, Explanation
from gameday.domain.runbook import UNDO_ALL
from gameday.domain.runbook_record import NOBODY, Played, RunbookRecord, Undone

_FACT_CHARS_MAX = 300  # of one figure of the evidence; all of it is in the run's folder


def explain_runbook(record: RunbookRecord) -> Explanation:
    """The run's choices, also of one that goes on."""
    request = record.request
    return Explanation(
        run=request.run_id,
        sort="runbook",
        name=request.runbook.runbook,
        target=request.target.target,
        environment=request.environment,
        ended=record.outcome.value if record.outcome else "",
        reason=record.sentence or "it goes on, or nobody has closed it",
        choices=tuple(sorted(_choices(record), key=lambda choice: choice.at)),
    )


def runbook_choices(record: RunbookRecord) -> Iterator[Choice]:
    """What was decided while it was played, item by item; also as a part of a drill."""
    before: Played | None = None
    for played in record.played:
        yield from _of_item(played, before)
        before = played
    for undone in record.undone:
        yield _undone(undone, record)


def _choices(record: RunbookRecord) -> Iterator[Choice]:
    request = record.request
    yield Choice(
        at=record.started_at,
        by=request.requested_by,
        what=f"asked for the runbook {request.runbook.runbook}, mode {request.mode}",
        why=f"incident {request.incident}" if request.incident else request.runbook.purpose,
        evidence=(f"runbook {request.digest}",),
    )
    yield from runbook_choices(record)
    if record.stop is not None:
        at = record.stop.at or record.ended_at or record.started_at
        yield Choice(at=at, by=record.stop.by, what="stop the run", why=record.stop.reason)
    if record.ended_at is not None and record.outcome is not None:
        what = f"the outcome: {record.outcome}"
        yield Choice(at=record.ended_at, by="workflow", what=what, why=record.sentence)


def _of_item(played: Played, before: Played | None) -> Iterator[Choice]:
    for one in played.approved_by:
        yield Choice(
            at=one.at,
            by=one.by,
            what=f"said yes to {item_words(played)}",
            why="a person's own word",
            evidence=_known_by(one.how, played.proposal),
        )
    asks = played.sort == "question"
    led = f"{before.item} came to {before.answer}: {before.reason}" if before else ""
    yield Choice(
        at=known_at(played),
        by="workflow",
        what=f"{played.item}: {item_words(played)}: {played.answer or 'not over'}",
        why=(played.reason if asks else led or played.reason) or "it is the first of the play",
        evidence=tuple(_facts(played, led if asks else played.reason if led else "")),
    )


def item_words(played: Played) -> str:
    """What it asks or does; of what is said or asked of people no more than that it is."""
    if played.sort in {"errand", "wait"}:
        return played.kind
    return played.words or f"{played.kind} on {played.on}"


def known_at(played: Played) -> datetime:
    """When it was known what came of it; of a step in a drill, a window is watched after that."""
    step_at = (played.verified_at or played.called_at) if played.sort == "step" else None
    return step_at or played.ended_at or played.decided_at or played.asked_at


def _known_by(how: str, digest: str) -> tuple[str, ...]:
    known = how if how.startswith("known") or not how else f"known by {how}"
    return tuple(filter(None, (known, f"proposal {digest}" if digest else "")))


def _facts(played: Played, reason: str) -> Iterator[str]:
    """reason: what has not been said yet of why it came here, or of what came of it."""
    if reason:
        yield reason
    if played.answer == NOBODY:
        yield "nobody said anything in time, so its declared way was taken"
    if played.attempts > 1:
        yield f"{played.attempts} attempts"
    if played.act:
        yield f"act {played.act}"
    if played.before or played.after:
        yield f"digest {played.before[:12] or 'not known'}, now {played.after[:12] or 'not known'}"
    yield from evidence_lines(played.evidence)
    if played.leads_to:
        yield f"leads to {played.leads_to}"


def evidence_lines(evidence: dict[str, Any]) -> Iterator[str]:
    """Each figure of the evidence, on a line of its own; what is empty is left out."""
    for name, value in evidence.items():
        if value not in (None, "", [], {}, ()):
            text = value if isinstance(value, str) else json.dumps(value, default=str)
            short = text if len(text) <= _FACT_CHARS_MAX else f"{text[: _FACT_CHARS_MAX - 1]}…"
            yield f"{name} {short}"


def _undone(undone: Undone, record: RunbookRecord) -> Choice:
    return Choice(
        at=undone.verified_at or undone.asked_at,
        by="workflow",
        what=f"put back {undone.on}, which {undone.item} had changed",
        why=_why_undone(record),
        evidence=(f"act {undone.act}", f"NOT put back: {undone.failed}" if undone.failed else
                  "read back as it was before"),
    )  # fmt: skip


def _why_undone(record: RunbookRecord) -> str:
    """The last change goes first: what sent the run there, or that a change did not take."""
    sent = [one for one in record.played if one.leads_to == UNDO_ALL]
    if sent:
        return f"{sent[-1].item} came to {sent[-1].answer}: {sent[-1].reason}"
    last = record.played[-1] if record.played else None
    return f"{last.item} came to {last.answer}: {last.reason}" if last else record.sentence
