"""The scorer `starts_with`."""

import pytest

from gameday.scorers.starts_with import StartsWith


@pytest.mark.parametrize(
    ("answer", "score"), [("Yes, you can.", 1.0), ("yes", 0.0), (" Yes", 0.0), ("", 0.0)]
)
def test_score(answer, score):
    assert StartsWith(text="Yes").score_text(answer) == score


def test_case_need_not_matter():
    assert StartsWith(text="Yes", case="fold").score_text("YES!") == 1.0
