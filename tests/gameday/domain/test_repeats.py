"""How many answers only repeat earlier ones."""

import pytest

from gameday.domain.repeats import share_of_repeats


@pytest.mark.parametrize(
    ("answers", "before", "share"),
    [
        ({}, None, None),
        ({"c": ["a"]}, None, None),
        ({"c": ["a"], "d": ["a"]}, None, None),  # to another case it is no repetition
        ({"c": ["a", "a", "b", "a"]}, None, 2 / 3),
        ({"c": ["a"]}, {"c": ["a"]}, 1.0),
        ({"c": ["b", "b"]}, {"c": ["a"]}, 0.5),
        ({"c": ["a", "b"], "d": ["x"]}, {"c": ["a"]}, 0.5),
    ],
)
def test_share_of_repeats(answers, before, share):
    assert share_of_repeats(answers, before) == share
