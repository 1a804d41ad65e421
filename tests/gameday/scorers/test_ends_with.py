"""The scorer `ends_with`."""

import pytest

from gameday.scorers.ends_with import EndsWith


@pytest.mark.parametrize(
    ("answer", "score"),
    [("That is all.", 1.0), ("That is all.\n ", 1.0), ("That is all. Bye", 0.0), ("", 0.0)],
)
def test_score(answer, score):
    assert EndsWith(text="all.").score_text(answer) == score
