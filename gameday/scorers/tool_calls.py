"""Scores an answer by the set of tools that it should call."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Answered, Scorer
from gameday.scorers._tools import ToolName


class ToolCalls(Scorer):
    """The tools that the answer calls, against those that it should: the F1 score over both sets.

    1 when they are the same, whatever their order and number. A front door that does not tell of
    tool calls leaves the score missing.
    """

    all: Annotated[tuple[ToolName, ...], Field(min_length=1)]

    def score(self, answered: Answered) -> float | None:
        if answered.tool_calls is None:
            return None
        called, wanted = {call.name for call in answered.tool_calls}, set(self.all)
        return 2 * len(called & wanted) / (len(called) + len(wanted))
