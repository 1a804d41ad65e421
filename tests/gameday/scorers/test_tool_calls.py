"""The scorer `tool_calls`."""

import pytest

from gameday.domain.scorer import Answered, ToolCall
from gameday.scorers.tool_calls import ToolCalls


@pytest.mark.parametrize(
    ("called", "score"),
    [
        (("weather", "flight"), 1.0),
        (("flight", "weather", "flight"), 1.0),
        (("weather",), 2 / 3),
        (("weather", "flight", "search"), 0.8),
        (("search",), 0.0),
        ((), 0.0),
    ],
)
def test_score(called, score):
    answered = Answered("", tool_calls=tuple(ToolCall(name) for name in called))
    assert ToolCalls(all=("weather", "flight")).score(answered) == pytest.approx(score)


def test_nobody_tells():
    assert ToolCalls(all=("weather",)).score(Answered("")) is None
