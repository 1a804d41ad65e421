"""The scorer `edit_similarity`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.scorers._distance import edit_distance
from gameday.scorers.edit_similarity import EditSimilarity

texts = st.text(alphabet="abcé\U0001f600", max_size=70)


def by_table(one, other):
    """The distance as every textbook has it."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        above, row = row, [i]
        for j, right in enumerate(other, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (left != right)))
    return row[-1]


@given(texts, texts)
def test_the_distance_is_that_of_the_table(one, other):
    assert edit_distance(one, other) == by_table(one, other)


@pytest.mark.parametrize(
    ("settings", "answer", "score"),
    [
        ({"text": "kitten"}, "sitting", 1 - 3 / 7),
        ({"text": "kitten"}, "kitten", 1.0),
        ({"text": ""}, "", 1.0),
        ({"text": "ab"}, "xyz", 0.0),
        ({"text": "kitten", "distance_max": 3}, "sitting", 1.0),
        ({"text": "kitten", "distance_max": 2}, "sitting", 0.0),
    ],
)
def test_score(settings, answer, score):
    assert EditSimilarity(**settings).score_text(answer) == pytest.approx(score)
