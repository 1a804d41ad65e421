"""Scores an answer by the tools that it must not call."""

from typing import Annotated

from pydantic import Field

from gameday.domain.scorer import Answered, Scorer
from gameday.scorers._tools import ToolName, named


class ForbiddenToolCall(Scorer):
    """The answer calls none of some tools; `*` in a name stands for anything.

    A front door that does not tell of tool calls leaves the score missing.
    """

    any: Annotated[tuple[ToolName, ...], Field(min_length=1)]

    def score(self, answered: Answered) -> float | None:
        if answered.tool_calls is None:
            return None
        return float(not named(answered.tool_calls, self.any))
