"""Scores an answer by why it ended."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Answered, Scorer


class FinishReason(Scorer):
    """The answer ended for one of some reasons, such as `stop`; case does not matter."""

    any: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]

    def score(self, answered: Answered) -> float | None:
        if answered.finish_reason is None:
            return None
        said = answered.finish_reason.casefold()
        return float(said in {reason.casefold() for reason in self.any})
