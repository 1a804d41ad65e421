"""Scores an answer by how near its meaning is to that of a good one."""

from collections.abc import Sequence
from math import fsum, hypot
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gameday.domain.scorer import Answered, Scorer


class Similarity(Scorer):
    """How near the answer's meaning is to a good one's: the cosine of their embeddings, at least 0.

    They are asked for at the suite's `embedding:` endpoint. One that fails or is late leaves the
    score missing. Give `at_least` the score that is enough; it differs from model to model.
    """

    needs_model: ClassVar[Literal["", "judge", "embedding"]] = "embedding"

    text: Annotated[str, Field(min_length=1, max_length=8000)]

    def score(self, answered: Answered) -> float | None:
        if answered.models is None:
            return None
        good, own = answered.models.embed((self.text, answered.text))
        lengths = hypot(*good) * hypot(*own)
        if len(good) != len(own) or not lengths:
            return None
        return max(0.0, min(1.0, _product(good, own) / lengths))


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    return fsum(left * right for left, right in zip(one, other, strict=True))
