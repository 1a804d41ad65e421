"""Scores an answer by the words that it must not hold."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import TextScorer


class Excludes(TextScorer):
    """The answer holds none of some phrases; case does not matter."""

    any: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]

    def score_text(self, text: str) -> float:
        folded = text.casefold()
        return float(not any(phrase.casefold() in folded for phrase in self.any))
