"""Scores an answer by what its tokens cost."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Answered, Scorer


class Cost(Scorer):
    """The answer's own tokens cost at most so much; a model without a price cannot be told."""

    usd_max: Annotated[float, Field(ge=0)]

    def score(self, answered: Answered) -> float | None:
        if answered.cost_usd is None:
            return None
        return float(answered.cost_usd <= self.usd_max)
