"""Scores an answer by the words that it must not hold."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Scorer


class Excludes(Scorer):
    """The answer holds none of some phrases; case does not matter."""

    any: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]

    def score(self, answer: str) -> float:
        folded = answer.casefold()
        return float(not any(phrase.casefold() in folded for phrase in self.any))
