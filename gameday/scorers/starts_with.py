"""Scores an answer by how it begins."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import TextScorer
from gameday.scorers._case import CaseRule, folded


class StartsWith(TextScorer):
    """The answer begins with a text; white space before it counts."""

    text: Annotated[str, Field(min_length=1)]
    case: CaseRule = "exact"

    def score_text(self, text: str) -> float:
        return float(folded(text, self.case).startswith(folded(self.text, self.case)))
