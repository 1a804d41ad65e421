"""Scores an answer by the tool that it must call."""

from typing import Any

from gameday.domain.scorer import Answered, Scorer
from gameday.scorers._json import NO_JSON, parse, same
from gameday.scorers._tools import ToolName, named


class RequiredToolCall(Scorer):
    """The answer calls a tool, with some arguments among those that it gives.

    A front door that does not tell of tool calls leaves the score missing.
    """

    tool: ToolName
    arguments: dict[str, Any] = {}

    def score(self, answered: Answered) -> float | None:
        if answered.tool_calls is None:
            return None
        calls = named(answered.tool_calls, (self.tool,))
        return float(any(self._given(call.arguments) for call in calls))

    def _given(self, written: str) -> bool:
        given = parse(written)
        if not isinstance(given, dict):
            return not self.arguments and given is not NO_JSON
        return all(key in given and same(given[key], self.arguments[key]) for key in self.arguments)
