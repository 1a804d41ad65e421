"""The cases of a suite, ready to be asked and scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gameday.catalog.suite_files import load_suite, rated, rated_alone
from gameday.domain.scoring import Rated, RatedSet
from gameday.domain.suite import Case, ScorerSpec


@dataclass(frozen=True, slots=True)
class Question:
    """One case."""

    case: str
    text: str
    rated: RatedSet
    seals: tuple[Rated, ...] = ()  # what checks want to know, by their own names


def load_questions(suite_file: str, seals: Mapping[str, ScorerSpec]) -> list[Question]:
    """Every case of the suite, in its order. Raises FileError."""
    return [_question(case, seals) for case in load_suite(Path(suite_file)).cases]


def _question(case: Case, seals: Mapping[str, ScorerSpec]) -> Question:
    sealed = tuple(rated_alone(name, spec) for name, spec in seals.items())
    return Question(case.case, case.asked[-1], rated(case), sealed)
