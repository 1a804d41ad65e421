"""The scorer `regex`."""

import pytest
from pydantic import ValidationError

from gameday.scorers.regex import Regex


@pytest.mark.parametrize(
    ("pattern", "answer", "score"),
    [
        (r"\b30 days\b", "within 30 days.", 1.0),
        (r"\b30 days\b", "within 130 days", 0.0),
        (r"(?i)REFUND", "a refund", 1.0),
        (r"^yes", "well, yes", 0.0),
    ],
)
def test_score(pattern, answer, score):
    assert Regex(pattern=pattern).score_text(answer) == score


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("(", "not a regular expression"), ("a" * 501, "at most 500 characters")],
)
def test_a_pattern_that_is_none_is_refused(pattern, said):
    with pytest.raises(ValidationError, match=said):
        Regex(pattern=pattern)
