import math
from collections import Counter
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.drill import Load
from gameday.probes.schedule import arrivals, chosen, shuffled_rounds, users_in_turn


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 500), st.integers(1, 300))
def test_the_schedule_is_fixed_in_advance(rate_per_s, requests):
    load = Load(rate=f"{rate_per_s}/s", suite="s")
    times = list(islice(arrivals(load, 1), requests))
    assert times == pytest.approx([i / rate_per_s for i in range(requests)])


def test_independent_users_come_at_random_moments_and_at_the_same_ones_again():
    load = Load(rate="100/s", suite="s", arrivals="poisson")
    once, again, other = (list(islice(arrivals(load, seed), 5000)) for seed in (1, 1, 2))
    assert once == again != other
    gaps = [b - a for a, b in pairwise(once)]
    assert once[-1] == pytest.approx(50, rel=0.1)
    assert sum(gap > 0.01 for gap in gaps) / len(gaps) == pytest.approx(math.exp(-1), abs=0.03)


def test_stages_make_the_rate_rise():
    load = Load(rate="10/s", suite="s", stages=[{"to": "100/s", "over": "10s"}])
    times = list(islice(arrivals(load, 1), 600))
    assert sum(at < 10 for at in times) == pytest.approx(550, abs=1)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 200), st.integers())
def test_every_user_asks_about_equally_often(users, requests, seed):
    names = [f"user-{number}" for number in range(1, users + 1)]
    asked = Counter(islice(users_in_turn(names, seed), requests))
    counts = [asked[name] for name in names]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == requests


def test_without_users_nobody_has_a_name():
    assert set(islice(users_in_turn((), 1), 5)) == {""}


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 200), st.integers())
def test_every_case_is_asked_about_equally_often(cases, requests, seed):
    asked = Counter(islice(shuffled_rounds(range(cases), seed), requests))
    counts = [asked[case] for case in range(cases)]
    assert max(counts) - min(counts) <= 1


@settings(max_examples=50, deadline=None)
@given(st.floats(0.05, 0.95), st.integers(0, 2**32))
def test_about_the_share_is_chosen_and_the_same_ones_again(share, seed):
    once, again = (list(islice(chosen(share, seed), 2000)) for _ in range(2))
    assert once == again
    assert sum(once) / 2000 == pytest.approx(share, abs=0.06)


def test_nobody_is_chosen_where_there_is_no_share():
    assert not any(islice(chosen(0.0, 7), 1000))
