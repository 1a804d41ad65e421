"""The scorer `similarity`: the cosine of two embeddings, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.scorer import Answered
from gameday.scorers.similarity import Similarity

SIMILARITY = Similarity(text="Within thirty days.")


class Vectors:
    def __init__(self, *vectors):
        self.vectors = list(vectors)

    def embed(self, texts):
        assert texts == ("Within thirty days.", "A month.")
        return self.vectors


def score(*vectors):
    return SIMILARITY.score(Answered("A month.", models=Vectors(*vectors)))


@pytest.mark.parametrize(
    ("good", "own", "cosine"),
    [
        ([1, 0], [2, 0], 1.0),
        ([1, 0], [1, 1], 0.5**0.5),
        ([1, 0], [0, 3], 0.0),
        ([1, 0], [-1, 0], 0.0),  # the opposite is not nearer than nothing in common
        ([1, 0], [0, 0], None),
        ([1, 0], [1, 0, 0], None),
        ([], [], None),
    ],
)
def test_score(good, own, cosine):
    assert score(good, own) == (None if cosine is None else pytest.approx(cosine))


vectors = st.lists(st.floats(-10, 10), min_size=3, max_size=3)


@given(vectors, vectors)
def test_it_is_from_0_to_1_or_none(good, own):
    found = score(good, own)
    assert found is None or 0.0 <= found <= 1.0


def test_without_a_model_it_cannot_tell():
    assert SIMILARITY.score(Answered("A month.")) is None
