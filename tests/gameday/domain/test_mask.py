"""A mask is a set of rows: it does what Python's own sets do."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.mask import Mask

sets = st.sets(st.integers(0, 60))


@given(sets, sets)
def test_it_is_a_set(one, other):
    a, b = Mask.of(one), Mask.of(other)
    assert list(a) == sorted(one)
    assert len(a) == len(one)
    assert list(a | b) == sorted(one | other)
    assert list(a & b) == sorted(one & other)
    assert list(a - b) == sorted(one - other)
    assert len((a - b) & b) == 0


@given(sets)
def test_it_picks_from_a_column(rows):
    data = array("d", range(61))
    mask = Mask.of(rows)
    assert list(mask.pick(data)) == sorted(rows)
    odd = bytes(int(value) % 2 for value in mask.cut(data))
    assert list(mask.only(odd)) == [row for row in sorted(rows) if row % 2]


@given(sets, st.lists(st.integers(0, 3), min_size=61, max_size=61))
def test_it_counts_codes(rows, codes):
    mask = Mask.of(rows)
    counted = mask.count(mask.cut(array("B", codes)).tobytes(), 4)
    mine = [codes[row] for row in rows]
    assert counted == {code: mine.count(code) for code in set(mine)}


def test_nothing_is_a_set_too():
    assert list(Mask(b"")) == list(Mask.of([]) | Mask(b"")) == []
    assert list(Mask(b"\1") - Mask(b"")) == [0]


@pytest.mark.parametrize("start", [0, 7, 1_000_000])
def test_it_takes_no_room_for_what_is_far_away(start):
    assert len(Mask.of([start, start + 2]).within(start, start + 3)) == 3


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=5))
def test_stretches_are_rows_too(pairs):
    stretches = [(first, first + length) for first, length in pairs]
    rows = {row for first, end in stretches for row in range(first, end)}
    assert list(Mask.over(stretches)) == sorted(rows)
    assert all(Mask.over(stretches).has(row) is (row in rows) for row in range(-2, 75))


@given(st.sets(st.integers(0, 299), max_size=9), st.integers(0, 299), st.integers(0, 299))
def test_it_copies_what_has_few_holes_or_many(holes, start, stop):
    data = array("d", (value / 2 for value in range(300)))
    for rows in (set(range(start, stop)) - holes, holes):
        copied = Mask.of(rows).picked(data)
        assert copied == array("d", [row / 2 for row in sorted(rows)])
        copied.append(1.0)
    assert len(data) == 300, "what was copied is no part of the column"
    assert len(Mask.of(range(300)).picked(data)) == 300
