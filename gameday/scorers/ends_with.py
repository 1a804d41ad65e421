"""Scores an answer by how it ends."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import TextScorer
from gameday.scorers._case import CaseRule, folded


class EndsWith(TextScorer):
    """The answer ends with a text, but for white space after it."""

    text: Annotated[str, Field(min_length=1)]
    case: CaseRule = "exact"

    def score_text(self, text: str) -> float:
        return float(folded(text.rstrip(), self.case).endswith(folded(self.text, self.case)))
