"""What a changing load offers for certain, held against counting at many beginnings."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.arrivals import RateCurve
from gameday.domain.offered import Begins, Offered

rates = st.floats(min_value=0.5, max_value=200)
stages = st.lists(st.tuples(rates, st.floats(min_value=0.01, max_value=30)), max_size=4)
seconds = st.floats(min_value=0, max_value=60)


@given(rates, stages, seconds, seconds, st.floats(min_value=0.1, max_value=60))
def test_no_beginning_has_fewer_and_one_has_as_few(rate, stages, first_s, span_s, lasts_s):
    curve = RateCurve(rate, stages)
    fewest = Offered(curve).fewest(Begins(first_s, first_s + span_s), lasts_s)
    tried = np.linspace(first_s, first_s + span_s, 400)
    due = [curve.due_by(at + lasts_s) - curve.due_by(at) for at in tried]
    assert fewest <= min(due) + 1e-5
    # Between two of the tried beginnings the number can go down only so far.
    steepest = max(rate, *(to for to, _ in stages)) if stages else rate
    assert fewest >= min(due) - 1 - steepest * span_s / 399


@given(rates, stages, seconds, seconds, st.integers(1, 2000), st.booleans())
def test_so_long_is_enough_and_a_little_less_is_not(rate, stages, first_s, span_s, n, by_chance):
    offered = Offered(RateCurve(rate, stages), by_chance)
    begins = Begins(first_s, first_s + span_s)
    needed_s = offered.seconds_for(begins, n)
    assert offered.fewest(begins, needed_s + 1e-5) >= n
    assert offered.fewest(begins, max(0.0, needed_s * 0.999 - 1e-3)) < n


def test_a_ramp_gives_least_to_the_window_that_begins_first():
    offered = Offered(RateCurve(10, [(10, 20), (60, 10)]))
    assert offered.fewest(Begins(20, 25), 10) == 350
    assert offered.fewest(Begins(22, 25), 10) == 440


def test_a_dip_between_the_two_beginnings_is_found():
    offered = Offered(RateCurve(40, [(10, 10), (40, 10)]))
    assert offered.fewest(Begins(0, 16), 4) == 52  # from 8 s to 12 s, around the lowest rate


def poisson(mean, counts):
    """How probable it is that so many, or any of these, come where `mean` are expected."""
    logs = (k * math.log(mean) - mean - math.lgamma(k + 1) for k in counts)
    return math.fsum(math.exp(log) for log in logs)


@pytest.mark.parametrize("mean", [0.5, 5, 50, 500, 5000])
def test_chance_hardly_ever_gives_fewer_or_more(mean):
    offered = Offered(RateCurve(mean), by_chance=True)
    fewest = offered.fewest(Begins(0, 0), 1.0)
    assert poisson(mean, range(fewest)) < 1e-4
    assert 1 - poisson(mean, range(offered.most_by(1.0) + 1)) < 1e-4
    assert fewest >= mean - 4 * math.sqrt(mean) - 1
