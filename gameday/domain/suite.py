"""An evaluation suite: questions, and how each answer is scored."""

from typing import Annotated

from pydantic import Field

from gameday.domain.drill import Extensible
from gameday.domain.names import Name
from gameday.domain.value import Value


class ScorerSpec(Extensible):
    """One scorer as a suite file states it."""


class Case(Value):
    """One question of the suite."""

    case: Name
    question: Annotated[str, Field(min_length=1, max_length=8000)]
    group: Name = "general"
    scorers: Annotated[tuple[ScorerSpec, ...], Field(min_length=1)]


class Suite(Value):
    """A suite file."""

    suite: Name
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
