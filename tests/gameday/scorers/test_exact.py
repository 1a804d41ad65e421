"""The scorer `exact`."""

import pytest
from pydantic import ValidationError

from gameday.scorers.exact import Exact


@pytest.mark.parametrize(
    ("answer", "score"), [("42", 1.0), (" 42\n", 1.0), ("42.", 0.0), ("", 0.0), ("4 2", 0.0)]
)
def test_score(answer, score):
    assert Exact(text="42").score_text(answer) == score


def test_case_matters():
    assert Exact(text="Yes").score_text("yes") == 0.0


def test_an_empty_answer_is_never_right():
    with pytest.raises(ValidationError):
        Exact(text="")


def test_white_space_counts_when_it_is_said_to():
    assert Exact(text="42", strip=False).score_text("42\n") == 0.0
    assert Exact(text="42\n", strip=False).score_text("42\n") == 1.0
