"""Scores an answer by one text that it must be."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Scorer


class Exact(Scorer):
    """The answer is exactly one text, but for white space around it."""

    text: Annotated[str, Field(min_length=1)]

    def score(self, answer: str) -> float:
        return float(answer.strip() == self.text.strip())
