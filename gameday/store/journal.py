"""The journal: three authors' segments in one file, each line chained to the one before it.

A chain without a key shows edits, gaps and a cut tail; it does not show who wrote it, and
somebody who rewrites the whole file makes a new, sound chain.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from gameday.domain.alerts import AlertState, Sighting
from gameday.domain.record import Event
from gameday.store.atomic import write_whole
from gameday.store.run_folder import AUTHORS, RunFolder

FIRST = "0" * 64
END = "end of journal"


def merge_events(folder: RunFolder, ended_at: datetime) -> tuple[Event, ...]:
    """All authors' events by time, author and seq, then what the report itself has to say.

    ended_at: when the run ended, which is the time of the report's own lines.
    """
    said = [event for author in AUTHORS for event in folder.read_events(author)]
    said += _alert_events(folder.read_sightings())
    said.sort(key=lambda event: (event.at, event.author, event.seq))
    closing = [
        f"no segment from {author}: it could not be asked, or left none"
        for author in AUTHORS
        if not folder.has_segment(author)
    ]
    last = max([ended_at, *(event.at for event in said)])
    own = [_own_event(seq, last, what) for seq, what in enumerate(closing, start=1)]
    count = len(said) + len(own) + 1
    return *said, *own, _own_event(len(own) + 1, last, END, lines=count)


def write_journal(folder: RunFolder, events: Sequence[Event]) -> str:
    """Write the chained journal, and return the hash of its last line."""
    lines = list(_chain(events))
    write_whole(folder.journal_file, b"".join(line + b"\n" for line in lines))
    return str(json.loads(lines[-1])["hash"])


def verify_chain(path: Path) -> int | None:
    """Find the first line (from 1) that is not as it was written; None when all are.

    A cut tail shows as the line after the last one: the last line says how many there are.
    """
    return find_break(path.read_bytes())


def head_of(path: Path) -> str:
    """The hash of a journal's last line, which stands for all of it."""
    return str(json.loads(path.read_bytes().splitlines()[-1])["hash"])


def find_break(journal: bytes) -> int | None:
    """The same as `verify_chain`, of a journal's content."""
    lines = journal.split(b"\n")
    torn = lines.pop() != b""
    previous, ended = FIRST, False
    for number, line in enumerate(lines, start=1):
        body = _read_body(line)
        if ended or body is None or _line(previous, body) != line:
            return number
        previous = _hash(previous, body)
        ended = (body["author"], body["what"]) == ("report", END)
        if ended and body["facts"] != {"lines": number}:
            return number
    return len(lines) + 1 if torn or not ended else None


def _alert_events(sightings: Sequence[Sighting]) -> Iterator[Event]:
    """What was seen of alerts; how the stages themselves were read is left out while it is well."""
    for seq, seen in enumerate(sightings, start=1):
        if seen.alert or seen.state is AlertState.UNREAD:
            facts = {
                "alert": seen.alert,
                "at": seen.stage,
                "receivers": ", ".join(seen.receivers),
                "more": seen.detail,
            }
            told = {name: text for name, text in facts.items() if text}
            what = f"alert {seen.state}" if seen.alert else "not_watched"
            yield Event(author="alerts", seq=seq, at=seen.at, what=what, facts=told)


def _own_event(seq: int, at: datetime, what: str, **facts: int) -> Event:
    return Event(author="report", seq=seq, at=at, what=what, facts=facts)


def _chain(events: Sequence[Event]) -> Iterator[bytes]:
    previous = FIRST
    for event in events:
        body = event.model_dump(mode="json")
        yield _line(previous, body)
        previous = _hash(previous, body)


def _line(previous: str, body: dict[str, Any]) -> bytes:
    return _canonical({"prev": previous, **body, "hash": _hash(previous, body)})


def _hash(previous: str, body: dict[str, Any]) -> str:
    return hashlib.sha256(previous.encode() + _canonical(body)).hexdigest()


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _read_body(line: bytes) -> dict[str, Any] | None:
    """Read the event in a line, without what chains it; None when the line is none."""
    try:
        read = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or read.keys() != {*Event.model_fields, "prev", "hash"}:
        return None
    return {key: read[key] for key in Event.model_fields}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
