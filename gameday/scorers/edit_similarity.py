"""Scores an answer by how few characters keep it from a good one."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import TextScorer
from gameday.scorers._distance import edit_distance


class EditSimilarity(TextScorer):
    """How near the answer is to a good one, by characters to insert, delete or replace.

    1 is the same text, 0 shares nothing: one minus the Levenshtein distance over the longer
    length. With `distance_max` it is right or wrong by the distance itself.
    """

    text: Annotated[str, Field(max_length=8000)]
    distance_max: Annotated[float, Field(ge=0)] | None = None

    def score_text(self, text: str) -> float:
        distance = edit_distance(self.text, text)
        if self.distance_max is not None:
            return float(distance <= self.distance_max)
        return 1 - distance / max(len(self.text), len(text), 1)
