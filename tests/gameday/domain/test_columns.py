"""What a column takes it gives back, packed or not, whatever it was."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.columns import PACKED_ROWS_MAX, Coded, Counts, Kept, Numbers, Texts, moment
from gameday.domain.sample import Attempt, Outcome
from gameday.domain.samples import KINDS

names = st.text(max_size=12)
attempt = st.builds(
    Attempt,
    st.sampled_from(["primary", "secondary", "a b;c"]),
    st.sampled_from(Outcome),
    st.floats(0, 1e9),
)
finite = st.floats(allow_nan=False)
VALUES = {
    "seq": st.integers(0, 2**32 - 1),
    "case": names,
    "status": st.none() | st.integers(100, 599),
    "passed": st.none() | st.booleans(),
    "outcome": st.sampled_from(Outcome),
    "served_by": st.none() | names,
    "intended_at": st.integers(0, 7 * 10**15).map(moment),
    "latency_ms": finite,
    "ttft_ms": st.none() | finite,
    "attempts": st.lists(attempt, max_size=3).map(tuple),
    "scores": st.dictionaries(
        st.sampled_from(string.ascii_lowercase), st.none() | finite, max_size=3
    ),
    "request_id": st.text(alphabet=st.characters()),
    "answer_excerpt": st.text(max_size=20),
    "sketch": st.sampled_from(["", "0a1b2c3d", "0a1b2c3d99999999"]),
}


def rows(column, count):
    return [column[row] for row in range(count)]


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_what_goes_in_comes_out(name, data):
    """In blocks, as files hold them, behind others that were there before."""
    blocks = data.draw(st.lists(st.lists(VALUES[name], min_size=1, max_size=9), max_size=4))
    whole, read = KINDS[name](), KINDS[name]()
    for block in blocks:
        whole.extend(block)
        packed = KINDS[name]()
        packed.extend(block)
        read.unpack(packed.pack(), len(block))
    every = [value for block in blocks for value in block]
    assert rows(whole, len(every)) == rows(read, len(every)) == every


def test_codes_widen_as_values_become_many():
    column, expected = Coded(), []
    for start in range(0, 70_000, PACKED_ROWS_MAX):
        block = [f"case-{number}" for number in range(start, start + PACKED_ROWS_MAX)]
        packed = Coded()
        packed.extend(block)
        column.unpack(packed.pack(), len(block))
        expected += block
    assert column.codes.typecode == "I"
    assert rows(column, len(expected)) == expected
    column.extend(["case-0"])
    assert column[len(expected)] == "case-0"


def test_a_count_beyond_four_bytes_is_the_most_that_there_is():
    column = Counts()
    column.extend([1, 10**30, -5])
    assert rows(column, 3) == [1, 2**32 - 1, 0]


def test_what_is_the_same_in_all_rows_is_packed_once():
    for column, value in ((Numbers(), 1.5), (Coded(), "primary")):
        column.extend([value] * PACKED_ROWS_MAX)
        assert len(column.pack()) < 20


def test_half_a_character_is_kept_as_it_came():
    for column in (Texts(), Coded(), Kept()):
        column.extend(["\ud800"])
        read = type(column)()
        read.unpack(column.pack(), 1)
        assert read[0] == "\ud800"


@given(
    st.lists(st.none() | st.integers(0, 40).map(float), max_size=900),
    st.integers(0, 40).map(float),
    st.integers(0, 900),
    st.integers(0, 900),
)
def test_a_comparison_marks_the_rows_it_holds_for(values, bound, start, stop):
    """Whole stretches of rows at once where their least and greatest number tell."""
    column = KINDS["ttft_ms"]()
    column.extend(values)
    stop = min(stop, len(values))
    start = min(start, stop)
    for holds in (bound.__lt__, bound.__le__, bound.__gt__):
        expected = [value is not None and holds(value) for value in values[start:stop]]
        assert list(column.marks(holds, start, stop)) == expected


def test_what_is_added_later_is_marked_too():
    column = Numbers()
    for number in range(3):
        column.extend([float(number)] * 300)
        assert sum(column.marks((1.5).__lt__, 0, 300 * (number + 1))) == (300 if number == 2 else 0)
