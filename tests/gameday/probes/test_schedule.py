from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.probes.schedule import chosen, due_times, shuffled_rounds


@settings(max_examples=50, deadline=None)
@given(st.floats(0.1, 500), st.integers(1, 300))
def test_the_schedule_is_fixed_in_advance(rate_per_s, requests):
    times = list(due_times(100.0, rate_per_s, requests))
    assert len(times) == requests
    assert times == pytest.approx([100.0 + i / rate_per_s for i in range(requests)])


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
