"""The scorer `excludes`."""

import pytest
from pydantic import ValidationError

from gameday.scorers.excludes import Excludes


@pytest.mark.parametrize(
    ("answer", "score"),
    [("It is free.", 1.0), ("As an AI, I cannot.", 0.0), ("AS AN ai", 0.0), ("Sorry!", 0.0)],
)
def test_score(answer, score):
    assert Excludes(any=("as an AI", "sorry")).score_text(answer) == score


@pytest.mark.parametrize("phrases", [(), ("",)])
def test_nothing_to_exclude_is_refused(phrases):
    with pytest.raises(ValidationError):
        Excludes(any=phrases)
