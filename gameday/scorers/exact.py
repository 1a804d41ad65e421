"""Scores an answer by one text that it must be."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import TextScorer


class Exact(TextScorer):
    """The answer is exactly one text, but for white space around it unless `strip` is false."""

    text: Annotated[str, Field(min_length=1)]
    strip: bool = True

    def score_text(self, text: str) -> float:
        return float(text.strip() == self.text.strip() if self.strip else text == self.text)
