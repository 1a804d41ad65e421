"""The scorer `forbidden_tool_call`."""

import pytest

from gameday.domain.scorer import Answered, ToolCall
from gameday.scorers.forbidden_tool_call import ForbiddenToolCall


@pytest.mark.parametrize(
    ("calls", "score"),
    [
        ((), 1.0),
        ((ToolCall("find_order"),), 1.0),
        ((ToolCall("find_order"), ToolCall("refund_order")), 0.0),
        ((ToolCall("delete"),), 0.0),
        ((ToolCall("Refund_x"),), 1.0),
        (None, None),
    ],
)
def test_score(calls, score):
    scorer = ForbiddenToolCall(any=("refund_*", "delete"))
    assert scorer.score(Answered("", tool_calls=calls)) == score
