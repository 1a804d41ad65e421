"""The highest rate that holds."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.load.search import highest


def keeps_up_to(limit, asked=None, bad_luck=lambda: False):
    def trial(rate):
        if asked is not None:
            asked.append(rate)
        return rate if rate <= limit and not bad_luck() else None

    return trial


@given(first=st.floats(100, 50_000), limit=st.floats(200, 30_000))
def test_it_comes_within_a_few_percent_from_wherever_it_begins(first, limit):
    found = highest(keeps_up_to(limit), first, rates_max=40)
    assert limit / 1.06 <= found <= limit


def test_what_never_holds_is_none():
    assert highest(keeps_up_to(0), 1_000.0, rates_max=6) is None


def test_a_rate_that_fails_in_a_bad_moment_is_reached_all_the_same():
    """Both chances at each of the first rates fail; it must not stay below them."""
    left = [True] * 6
    found = highest(
        keeps_up_to(10_000, bad_luck=lambda: bool(left and left.pop())), 6_000.0, rates_max=40
    )
    assert found > 9_400


@pytest.mark.parametrize("seed", range(20))
def test_it_climbs_again_on_a_machine_where_every_third_trial_fails(seed):
    luck = random.Random(seed)
    trial = keeps_up_to(25_000, bad_luck=lambda: luck.random() < 1 / 3)
    assert highest(trial, 6_000.0, rates_max=40) > 25_000 / 1.2


def test_it_takes_no_more_rates_than_it_may():
    asked = []
    assert highest(keeps_up_to(1e9, asked), 100.0, rates_max=3) == 225.0
    assert asked == [100.0, 150.0, 225.0]


def test_what_is_given_back_is_what_was_found_at_that_rate():
    found = highest(lambda rate: {"rate": rate} if rate <= 100 else None, 100.0, rates_max=1)
    assert found == {"rate": 100.0}
