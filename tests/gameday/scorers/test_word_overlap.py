"""The scorer `word_overlap`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.scorers.word_overlap import WordOverlap


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("Within thirty days.", 1.0),
        ("within THIRTY, days!", 1.0),
        ("thirty days", 2 * 2 / 5),
        ("days days days", 2 * 1 / 6),  # each as often as it stands there
        ("never", 0.0),
        ("", 0.0),
    ],
)
def test_score(answer, score):
    assert WordOverlap(text="within thirty days").score_text(answer) == pytest.approx(score)


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1), st.lists(st.sampled_from("abcd")))
def test_it_is_the_harmonic_mean_of_precision_and_recall(wanted, said):
    shared = sum(min(wanted.count(word), said.count(word)) for word in "abcd")
    score = WordOverlap(text=" ".join(wanted)).score_text(" ".join(said))
    if not shared:
        assert score == 0.0
        return
    precision, recall = shared / len(said), shared / len(wanted)
    assert score == pytest.approx(2 * precision * recall / (precision + recall))


def test_a_text_without_words_is_refused():
    with pytest.raises(ValidationError, match="at least one word"):
        WordOverlap(text="?!")
