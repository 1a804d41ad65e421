"""The scorer `length`."""

import pytest
from pydantic import ValidationError

from gameday.scorers.length import Length


@pytest.mark.parametrize(
    ("settings", "answer", "score"),
    [
        ({"words_max": 3}, "one two  three", 1.0),
        ({"words_max": 3}, "one two three four", 0.0),
        ({"words_min": 2}, "one", 0.0),
        ({"words_min": 2}, "one\ntwo", 1.0),
        ({"characters_min": 1}, "", 0.0),
        ({"characters_max": 3, "words_max": 1}, "abc", 1.0),
        ({"characters_max": 3, "words_max": 1}, "abcd", 0.0),
        ({"characters_max": 3, "words_max": 1}, "a b", 0.0),
    ],
)
def test_score(settings, answer, score):
    assert Length(**settings).score_text(answer) == score


@pytest.mark.parametrize("settings", [{}, {"words_min": 3, "words_max": 2}, {"words_min": -1}])
def test_bounds_that_are_none_are_refused(settings):
    with pytest.raises(ValidationError):
        Length(**settings)
