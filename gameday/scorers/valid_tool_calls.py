"""Scores an answer by whether the tools that it calls can be called so."""

from functools import cached_property
from typing import Annotated

from jsonschema.protocols import Validator
from pydantic import Field

from gameday.domain.scorer import Answered, Scorer, ToolCall
from gameday.scorers._json import NO_JSON, parse
from gameday.scorers._schema import WholeSchema, fits, validator
from gameday.scorers._tools import ToolName


class ValidToolCalls(Scorer):
    """The answer calls at least one tool, and each call's arguments fit that tool's JSON Schema.

    A call of a tool that is not among `tools` is wrong. A front door that does not tell of tool
    calls leaves the score missing.
    """

    tools: Annotated[dict[ToolName, WholeSchema], Field(min_length=1)]

    def score(self, answered: Answered) -> float | None:
        if answered.tool_calls is None:
            return None
        calls = answered.tool_calls
        return float(bool(calls) and all(self._can_be_made(call) for call in calls))

    def _can_be_made(self, call: ToolCall) -> bool:
        if call.name not in self._validators:
            return False
        given = parse(call.arguments)
        return given is not NO_JSON and fits(self._validators[call.name], given)

    @cached_property
    def _validators(self) -> dict[str, Validator]:
        return {name: validator(schema) for name, schema in self.tools.items()}
