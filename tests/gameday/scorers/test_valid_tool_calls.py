"""The scorer `valid_tool_calls`."""

import pytest
from pydantic import ValidationError

from gameday.domain.scorer import Answered, ToolCall
from gameday.scorers.valid_tool_calls import ValidToolCalls

TOOLS = {"weather": {"type": "object", "required": ["city"], "additionalProperties": False}}


@pytest.mark.parametrize(
    ("calls", "score"),
    [
        ((ToolCall("weather", '{"city": "Bonn"}'),), 0.0),
        ((ToolCall("weather", "{}"),), 0.0),
        ((ToolCall("weather", "{city: Bonn}"),), 0.0),
        ((ToolCall("flight", "{}"),), 0.0),
        ((), 0.0),
        (None, None),
    ],
)
def test_wrong_calls(calls, score):
    assert ValidToolCalls(tools=TOOLS).score(Answered("", tool_calls=calls)) == score


def test_a_right_call():
    tools = {"weather": {**TOOLS["weather"], "properties": {"city": {"type": "string"}}}}
    calls = (ToolCall("weather", '{"city": "Bonn"}'),)
    assert ValidToolCalls(tools=tools).score(Answered("", tool_calls=calls)) == 1.0


def test_a_schema_that_is_none_is_refused():
    with pytest.raises(ValidationError, match="not a JSON Schema"):
        ValidToolCalls(tools={"weather": {"type": "objekt"}})
