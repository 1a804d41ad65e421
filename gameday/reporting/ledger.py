"""The ledger in words: its lines, and what has changed between them."""

from collections.abc import Sequence
from typing import Any

from gameday.domain.component import Version
from gameday.domain.ledger import Change, Differences, Entry

_WHEN = "%Y-%m-%d %H:%M:%S"


def entry_lines(entry: Entry) -> list[str]:
    """One line of the ledger as people read it."""
    moment = f", {_MOMENTS[entry.moment]}" if entry.moment else ""
    run = f" {entry.run}" if entry.run else ""
    who = f", {entry.who}" if entry.who else ""
    note = f": {entry.note}" if entry.note else ""
    return [
        f"{entry.at:{_WHEN}} UTC   {entry.by}{run}{moment}{who}{note}",
        *(f"  {name:<12} {_known(one)}" for name, one in entry.versions.items()),
        *(f"  {name:<12} not read: {why}" for name, why in entry.unread.items()),
    ]


_MOMENTS = {"before": "before it", "changed": "what it changed itself", "after": "after it"}


def difference_lines(place: str, found: Differences) -> list[str]:
    """What has changed, as people read it: the answer first."""
    count = len(found.changes)
    plural = "" if count == 1 else "s"
    span = f"from {found.since:{_WHEN}} to {found.until:{_WHEN}} UTC"
    lines = [f"{place}: {count or 'no'} change{plural} {span}"]
    for change in found.changes:
        lines += [
            f"  {change.component:<12} {change.before.label}  ->  {change.now.label}",
            f"  {'':<12} {_when(change)}; {_who(change)}",
        ]
    if found.unchanged:
        lines.append(f"  as before    {', '.join(found.unchanged)}")
    if found.unknown:
        lines.append(f"  not known    {', '.join(found.unknown)}: not read at both ends")
    return lines


def difference_document(target: str, environment: str, found: Differences) -> dict[str, Any]:
    """The same for machines."""
    return {"target": target, "environment": environment, **found.model_dump(mode="json")}


def entries_document(entries: Sequence[Entry]) -> dict[str, Any]:
    return {"entries": [entry.model_dump(mode="json") for entry in entries]}


def _known(one: Version) -> str:
    by = f", by {one.by}" if one.by else ""
    at = f", {one.changed_at:{_WHEN} %Z}" if one.changed_at else ""
    return f"{one.label}{by}{at}   {one.digest[:12]}"


def _when(change: Change) -> str:
    told = f"at {change.at:{_WHEN} %Z} by its store; " if change.at else ""
    return f"{told}between {change.after:{_WHEN}} and {change.until:{_WHEN}} UTC"


def _who(change: Change) -> str:
    if change.drill:
        return f"by the drill {change.drill} itself"
    note = f" ({change.note})" if change.note else ""
    return f"by {change.by}{note}" if change.by else f"nobody knows by whom{note}"
