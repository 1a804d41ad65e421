"""The scorer `json_equals`."""

import pytest

from gameday.scorers.json_equals import JsonEquals


@pytest.mark.parametrize(
    ("document", "answer", "score"),
    [
        ({"a": 1, "b": [True, None]}, '{"b": [true, null], "a": 1.0}', 1.0),
        ({"a": 1}, '{"a": true}', 0.0),
        ({"a": 1}, '{"a": 1, "b": 2}', 0.0),
        ([1, 2], "[2, 1]", 0.0),
        ([], "[0]", 0.0),
        (None, "null", 1.0),
        (None, "", 0.0),
        (False, "0", 0.0),
        ("a", '"a"', 1.0),
        ("a", "a", 0.0),
    ],
)
def test_score(document, answer, score):
    assert JsonEquals(document=document).score_text(answer) == score
