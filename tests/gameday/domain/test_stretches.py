"""Stretches of every length, one begun at a tick, never many, each unbroken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.stretches import LONGEST, lasts, stretches

TICKS = st.integers(0, 5000)


@pytest.mark.parametrize(
    ("now", "begins"),
    [(0, [0]), (1, [0, 1]), (2, [0, 1, 2]), (3, [0, 2, 3]), (4, [0, 2, 3, 4]), (5, [0, 2, 4, 5])],
)
def test_the_first_ticks(now, begins):
    # At tick 2: begun at 0, at 1 (of one tick, its next is 3) and at 2 (of two, its next is 6).
    assert stretches(0, now) == begins


@given(TICKS, TICKS)
def test_counting_begins_where_it_is_told_to(first, ticks):
    assert stretches(first, first + ticks) == [first + begin for begin in stretches(0, ticks)]
    assert stretches(first + 1, first) == []


@given(TICKS)
def test_there_are_never_many_and_none_is_too_long(now):
    found = stretches(0, now)
    assert found == sorted(set(found))
    assert len(found) <= 11
    assert all(0 <= now - begin < LONGEST for begin in found)


def test_one_stretch_begins_at_a_tick_at_most_and_lives_without_a_break():
    """Or the number of false alarms would not be bounded by that of the ticks."""
    ticks = {now: set(stretches(0, now)) for now in range(3 * LONGEST)}
    known: set[int] = set()
    for now, alive in ticks.items():
        begun = alive - known
        assert begun <= {now}
        known |= begun
        if now:
            assert alive - begun <= ticks[now - 1]


@given(TICKS, st.integers(1, LONGEST // 4))
def test_after_a_change_a_stretch_of_any_length_soon_holds_nothing_else(change, needed):
    """Needing n ticks of evidence, a change is there alone for n ticks within 4 n ticks."""
    for now in range(change, change + 4 * needed + 1):
        if any(begin >= change and now - begin + 1 >= needed for begin in stretches(0, now)):
            return
    pytest.fail(f"a change at {change} that needs {needed} ticks is never seen alone")


def test_how_long_a_stretch_lasts_is_known_when_it_begins():
    lived: dict[int, int] = {}
    for now in range(2 * LONGEST):
        for begin in stretches(0, now):
            lived[begin] = now - begin + 1
    for begin in range(LONGEST):
        assert lived[begin] == lasts(0, begin) == lasts(7, begin + 7)
