"""The cases of a suite, ready to be asked and scored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from gameday.catalog.suite_files import load_suite, rated, rated_alone
from gameday.domain.scoring import Rated, RatedSet
from gameday.domain.suite import Case, ScorerSpec


@dataclass(frozen=True, slots=True)
class Question:
    """One case: a question, and what is asked after its answer where it is a conversation.

    Only the last answer is scored.
    """

    case: str
    text: str
    rated: RatedSet
    seals: tuple[Rated, ...] = ()  # what checks want to know, by their own names
    then: tuple[str, ...] = ()
    sketch_pieces: int = 0  # of its answer's sketch
    group: str = ""
    tenant: str = ""
    feature: str = ""

    @property
    def needs_model(self) -> bool:
        """Whether scoring its answer takes its time."""
        return self.rated.needs_model or any(seal.needs_model for seal in self.seals)

    @property
    def turns(self) -> int:
        return 1 + len(self.then)

    def turn(self, number: int) -> str:
        """What is asked in one turn; 0 is the first."""
        return self.then[number - 1] if number else self.text


def load_questions(
    suite_file: str,
    seals: Mapping[str, ScorerSpec],
    sketch_pieces: int = 0,
    wanted: Collection[str] = (),
    before: int = 0,
) -> list[Question]:
    """The wanted cases of the suite, or every one, in its order. Raises FileError.

    before: so many other questions come first in each conversation, those of the cases that follow.
    """
    every = load_suite(Path(suite_file)).cases
    cases = [case for case in every if not wanted or case.case in wanted]
    following = [*cases, *islice(cycle(cases), before)] if cases else []
    return [
        _question(
            case,
            tuple(other.asked[0] for other in following[place : place + before]),
            seals,
            sketch_pieces,
        )
        for place, case in enumerate(cases, start=1)
    ]


def _question(
    case: Case,
    before: tuple[str, ...],
    seals: Mapping[str, ScorerSpec],
    sketch_pieces: int,
) -> Question:
    sealed = tuple(rated_alone(name, spec) for name, spec in seals.items())
    first, *then = *before, *case.asked
    return Question(
        case=case.case,
        text=first,
        rated=rated(case),
        seals=sealed,
        then=tuple(then),
        sketch_pieces=sketch_pieces,
        group=case.group or "",
        tenant=case.tenant or "",
        feature=case.feature or "",
    )
