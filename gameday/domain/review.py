"""A review of a run: what happened in every layer, what is open, and who mends what by when.

It is made from what was recorded. It asks where it cannot know, and blames nobody.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from gameday.domain.explanation import RunSort
from gameday.domain.finding import Finding
from gameday.domain.layer import Layer
from gameday.domain.value import Value


class Noted(Value):
    """One line of the timeline. by: who did or said it; '' where nobody knows."""

    at: datetime
    layer: Layer
    by: str
    what: str


class Known(Value):
    """What the ledger knows of one layer, from the last line before the review's stretch on."""

    layer: Layer
    state: Literal["changed", "as before", "not known"]
    sentence: str


class OpenQuestion(Value):
    """What may have contributed, as a question. because: the record that raises it."""

    layer: Layer
    text: str
    because: str


class Review(Value):
    """The review of one run.

    ended: how it ended, such as `failed` or `resolved`. since: from when on changes are looked for.
    """

    run: str
    sort: RunSort
    name: str = Field(description="of the drill or the runbook")
    title: str
    incident: str = Field(description="that the run answered; empty: none")
    target: str
    environment: str
    ended: str
    reason: str
    summary: str
    since: datetime
    began_at: datetime
    ended_at: datetime
    layers: tuple[Known, ...]
    timeline: tuple[Noted, ...]
    questions: tuple[OpenQuestion, ...]
    actions: tuple[Finding, ...]
