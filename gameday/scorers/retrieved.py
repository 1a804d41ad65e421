"""Scores an answer by the documents that its model was given."""

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Answered, Scorer

Source = Annotated[str, Field(min_length=1, max_length=400, examples=["refunds.md"])]


class Retrieved(Scorer):
    """The model was given one of some documents, whatever it made of it.

    By the ids that the front door tells (`sources`, `sources_header`); `*` in an id stands for
    anything. A front door that tells none leaves the score missing.
    """

    any: Annotated[tuple[Source, ...], Field(min_length=1)]

    def score(self, answered: Answered) -> float | None:
        if answered.sources is None:
            return None
        given = answered.sources
        return float(any(fnmatchcase(source, one) for source in given for one in self.any))
