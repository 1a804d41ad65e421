"""Ticks are round numbers that reach over the data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.reporting.axes import even_ticks, log_ticks, make_scale, time_label, time_step


@given(st.floats(1e-6, 1e9), st.integers(1, 8))
def test_even_ticks_start_at_zero_and_reach_over_the_highest(highest, steps):
    ticks = even_ticks(highest, steps)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-9)
    assert len(ticks) <= steps + 2


@pytest.mark.parametrize(
    ("highest", "ticks"), [(1100, [0, 500, 1000, 1500]), (20, [0, 5, 10, 15, 20]), (0.9, 5)]
)
def test_even_ticks_are_round(highest, ticks):
    found = even_ticks(highest)
    assert found == ticks if isinstance(ticks, list) else len(found) == ticks


def test_log_ticks_are_powers_of_ten():
    assert log_ticks(10, 10_500) == [10, 100, 1_000, 10_000, 100_000]


def test_a_scale_keeps_what_is_outside_at_its_edge():
    place = make_scale(0, 10, 100, 200)
    assert [place(value) for value in (-5, 0, 5, 10, 99)] == [100, 100, 150, 200, 200]


def test_times_count_from_the_fault():
    assert [time_label(s) for s in (-20, 0, 30, 300)] == [
        "\N{MINUS SIGN}20 s",
        "0",
        "+30 s",
        "+5 min",
    ]
    assert time_step(6.2) == 10
    assert time_step(1e6) == 1e6
