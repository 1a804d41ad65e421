"""The summary for on-call of an update that nobody announced: one paragraph, verdicts first.

In the words that a drill's report has for its own (`reporting/summary.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gameday.domain.component import Component, ComponentName, shown
from gameday.reporting.inert import inert_line

_CHEAPEST_FIRST = ("none", "low", "medium", "high")


@dataclass(frozen=True)
class Summary:
    """What somebody must know who was woken by it.

    word: the two verdicts, such as `CHANGED, OUTSIDE`. sentences: what was seen, with its numbers.
    known: how the components compare, or ''. proposed: what to do first, or ''. next_step: a
    command to paste.
    """

    word: str
    sentences: tuple[str, ...]
    known: str = ""
    proposed: str = ""
    next_step: str = ""

    @property
    def text(self) -> str:
        """One line."""
        said = "; ".join(one for one in self.sentences if one)
        parts = (f"{said}." if said else "", self.known, self.proposed)
        line = f"{self.word}. {' '.join(part for part in parts if part)}"
        return inert_line(f"{line}   {self.next_step}" if self.next_step else line)


def compared_with_ledger(differing: tuple[str, ...] | None, at: datetime | None) -> str:
    """What differs from the ledger's line of that moment; '' where there is none to compare."""
    if differing is None or at is None:
        return ""
    since = f"the ledger of {at:%Y-%m-%d %H:%M} UTC"
    if not differing:
        return f"Nothing that can be read differs from {since}."
    if len(differing) == 1:
        return f"Only {_the(differing[0])} differs from {since}."
    named = f"{', '.join(map(_the, differing[:-1]))} and {_the(differing[-1])}"
    return f"{named[:1].upper()}{named[1:]} differ from {since}."


def _the(what: str) -> str:
    return f"the {what}"


def proposal(
    components: Mapping[ComponentName, Component], differing: tuple[str, ...] | None
) -> str:
    """What to put back first: what differs, else the model, where a previous version is known."""
    back = {name: one for name, one in components.items() if one.previous is not None}
    suspects = [name for name in back if name in (differing or ())] or [
        name for name in back if name == "model"
    ]
    if not suspects:
        return ""
    first = min(suspects, key=lambda name: _CHEAPEST_FIRST.index(back[name].user_cost))
    act = "pin model" if first == "model" else f"put back {first}"
    cost = f"(cost to users: {back[first].user_cost})"
    return f"Proposed: {act} {shown(back[first].previous)} first {cost}."
