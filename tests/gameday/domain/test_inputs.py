"""A mix of inputs is the same for other users of the same kind, and another one for others."""

import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.inputs import (
    INPUTS_MIN,
    NO_GROUP,
    NO_LANGUAGE,
    Mix,
    Stratum,
    count_strata,
    length_band,
    mix_of_suite,
)
from gameday.domain.suite import Suite

ENGLISH = "How long may I keep the shoes before I have to send them back to you?"
GERMAN = "Wie lange darf ich die Schuhe behalten, bevor ich sie zurückgeben muss?"


def mix(groups, inputs=None):
    counted = {Stratum(name, "en", "short"): count for name, count in groups.items()}
    made = Mix.of(counted)
    assert inputs is None or made.inputs == inputs
    return made


def test_a_stratum_is_told_from_the_text_and_keeps_none_of_it():
    assert Stratum.of(ENGLISH, "returns") == ("returns", "en", "short")
    assert Stratum.of(GERMAN * 10) == (NO_GROUP, "de", "long")
    assert Stratum.of("LN-1?") == (NO_GROUP, NO_LANGUAGE, "short")
    assert "shoes" not in Mix.of(count_strata([(ENGLISH, "")])).model_dump_json()


@pytest.mark.parametrize(
    ("characters", "band"),
    [(0, "short"), (80, "short"), (81, "medium"), (400, "medium"), (401, "long"), (2000, "long"),
     (2001, "very long")],
)  # fmt: skip
def test_both_sides_of_each_band(characters, band):
    assert length_band("x" * characters) == band


def test_the_words_have_the_largest_share_first():
    assert mix({"tool": 25, "retrieval": 75}).words == (
        "100 inputs: retrieval 75%, tool 25%; en 100%; short 100%"
    )


def test_a_share_that_moved_by_ten_points_and_more_than_chance_is_told():
    before = mix({"retrieval": 600, "tool": 400}, inputs=1000)
    assert mix({"retrieval": 500, "tool": 500}).moved(before) == (
        "retrieval 60% to 50%",
        "tool 40% to 50%",
    )
    # Surely moved, and by less than matters.
    assert mix({"retrieval": 51_000, "tool": 49_000}).moved(before) == ()
    # By as much as matters, and perhaps by chance.
    assert mix({"retrieval": 25, "tool": 25}).moved(before) == ()


def test_a_few_inputs_say_nothing():
    before = mix({"retrieval": INPUTS_MIN})
    assert mix({"tool": INPUTS_MIN}).moved(before)
    assert mix({"tool": INPUTS_MIN - 1}).moved(before) == ()
    assert before.moved(mix({"tool": INPUTS_MIN - 1})) == ()


def test_a_group_that_nobody_asked_before_is_seen():
    assert mix({"old": 100, "new": 100}).moved(mix({"old": 200})) == (
        "new 0% to 50%",
        "old 100% to 50%",
    )


@pytest.mark.parametrize("inputs", [30, 100, 1000])
def test_the_same_users_on_another_day_are_the_same_mix(inputs):
    draw = random.Random(inputs)
    kinds, weights = ("a", "b", "c", "d"), (50, 30, 15, 5)
    days = [mix(Counter(draw.choices(kinds, weights, k=inputs))) for _ in range(2001)]
    moved = sum(bool(now.moved(before)) for before, now in pairwise(days))
    assert moved <= 8  # of 2,000, at one in a thousand: more come with a chance of 1 in 4,000


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 500), min_size=1))
def test_no_mix_is_another_one_than_itself(groups):
    one = mix(groups)
    assert one.moved(one) == ()
    assert one.version.digest == mix(dict(reversed(groups.items()))).version.digest


def test_a_suite_counts_as_often_as_its_cases_were_asked():
    suite = Suite.model_validate(
        {
            "suite": "shop",
            "cases": [
                {"case": "one", "question": ENGLISH, "group": "retrieval"},
                {"case": "two", "turns": [GERMAN, "Und wenn es regnet?"]},
                {"case": "three", "question": "Never asked."},
            ],
        }
    )
    made = mix_of_suite(suite, {"one": 3, "two": 1, "gone": 9})
    assert made.inputs == 4
    assert made.groups == {"retrieval": 3, NO_GROUP: 1}
    assert made.languages == {"en": 3, "de": 1}
    assert mix_of_suite(suite, {"gone": 9}) is None
