"""Sketches of answers: what makes two of them alike, and that none holds text."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.sketch import similarity, sketch_of

WORDS = st.lists(st.sampled_from(["refund", "within", "30", "days", ".", "你好"]), max_size=14)


@given(st.text(max_size=200), st.integers(0, 20))
def test_it_is_one_number_a_piece_and_never_longer_than_asked(text, pieces):
    sketch = sketch_of(text, pieces)
    assert len(sketch) % 8 == 0
    assert len(sketch) <= 8 * pieces
    assert set(sketch) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" \n ", []),
        ("Within 30 days.", ["Within", "30", "days", "."]),
        ("subscription", ["subscrip", "tion"]),
        ("返品は三十日以内です。", ["返品は三十日以内", "です", "。"]),
        ("a\ud800b", ["a", "\ud800", "b"]),
    ],
)
def test_word_pieces(text, pieces):
    numbers = [f"{zlib.crc32(p.encode('utf-8', 'surrogatepass')):08x}" for p in pieces]
    assert sketch_of(text) == "".join(numbers)


@given(WORDS)
def test_spaces_do_not_count(words):
    assert sketch_of(" ".join(words)) == sketch_of("\n\n  ".join(words) + " ")


@given(WORDS, WORDS)
def test_similarity_is_the_share_of_places_that_are_the_same(one, other):
    mine, its = sketch_of(" ".join(one)), sketch_of(" ".join(other))
    places = max(len(one[:10]), len(other[:10]))
    same = sum(a == b for a, b in zip(one[:10], other[:10], strict=False))
    expected = same / places if places else 1.0
    assert similarity(mine, its) == similarity(its, mine) == pytest.approx(expected)


def test_where_only_one_goes_on_they_differ():
    assert similarity(sketch_of("within 30"), sketch_of("within 30 days .")) == 0.5
    assert similarity(sketch_of(""), sketch_of("yes")) == 0.0
    assert similarity(sketch_of(""), sketch_of("")) == 1.0
