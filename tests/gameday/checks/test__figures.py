"""Figures beside their bounds: what missed never looks as if it had held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.checks._figures import beside


@pytest.mark.parametrize(
    ("value", "bound", "places", "shown"),
    [
        (99.8, 99.5, 1, "99.8"),
        (99.5, 99.5, 1, "99.5"),
        (99.4995, 99.5, 1, "99.499"),
        (99.46, 99.5, 1, "99.46"),
        (1000.4, 1000.0, 0, "1,000.4"),
        (2.004, 2.0, 2, "2.004"),
        (0.41, 2.0, 2, "0.41"),
    ],
)
def test_as_many_decimals_as_it_takes(value, bound, places, shown):
    assert beside(value, bound, places) == shown


@given(st.floats(0, 1e6), st.integers(0, 10**6), st.integers(0, 2))
def test_what_is_shown_lies_on_the_same_side_of_the_bound(value, bound, places):
    shown = float(beside(value, bound, places).replace(",", ""))
    if abs(value - bound) > 1e-6:
        assert (shown > bound) == (value > bound)
