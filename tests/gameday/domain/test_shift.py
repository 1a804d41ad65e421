"""A mix of questions, as a drill states it and as a person reads it."""

import pytest
from pydantic import ValidationError

from gameday.domain.shift import Shift


@pytest.mark.parametrize(
    ("mix", "words"),
    [
        (Shift(groups={"long": 4, "short": 1}), "long 80% and short 20%"),
        (Shift(groups={"long": 1}, chars_min=80), "long 100%, of at least 80 characters"),
        (Shift(chars_max=20, language="de"), "of at most 20 characters, in de"),
    ],
)
def test_it_is_told_in_a_few_words(mix, words):
    assert mix.words == words


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "expected groups, chars_min, chars_max or language"),
        ({"groups": {}}, "expected groups, chars_min, chars_max or language"),
        ({"chars_min": 90, "chars_max": 80}, "chars_min 90 is more than chars_max 80"),
        ({"groups": {"long": 0}}, "greater than 0"),
        ({"language": "german"}, "should match pattern"),
    ],
)
def test_one_that_shifts_nothing_is_refused(settings, why):
    with pytest.raises(ValidationError, match=why):
        Shift.model_validate(settings)


def test_bounds_may_be_equal():
    assert Shift(chars_min=80, chars_max=80).chars_min == 80
