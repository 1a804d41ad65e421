"""The scorer `required_tool_call`."""

import pytest

from gameday.domain.scorer import Answered, ToolCall
from gameday.scorers.required_tool_call import RequiredToolCall


@pytest.mark.parametrize(
    ("arguments", "calls", "score"),
    [
        ({}, (ToolCall("find_order"),), 1.0),
        ({}, (ToolCall("find_order", ""),), 0.0),  # no arguments at all are no JSON
        ({}, (ToolCall("other"),), 0.0),
        ({}, (), 0.0),
        ({}, None, None),
        ({"id": "A1"}, (ToolCall("find_order", '{"id": "A1", "n": 2}'),), 1.0),
        ({"id": "A1"}, (ToolCall("find_order", '{"id": "A2"}'),), 0.0),
        ({"id": "A1"}, (ToolCall("find_order", "{}"), ToolCall("find_order", '{"id":"A1"}')), 1.0),
        ({"id": 1}, (ToolCall("find_order", '{"id": true}'),), 0.0),
        ({"id": 1}, (ToolCall("find_order", "[1]"),), 0.0),
    ],
)
def test_score(arguments, calls, score):
    scorer = RequiredToolCall(tool="find_*", arguments=arguments)
    assert scorer.score(Answered("", tool_calls=calls)) == score
