from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.probes.schedule import due_times, shuffled_rounds


@given(st.floats(0.1, 500), st.integers(1, 300))
def test_the_schedule_is_fixed_in_advance(rate_per_s, requests):
    times = list(due_times(100.0, rate_per_s, requests))
    assert len(times) == requests
    assert times == pytest.approx([100.0 + i / rate_per_s for i in range(requests)])


@given(st.integers(1, 40), st.integers(0, 200), st.integers())
def test_every_case_is_asked_about_equally_often(cases, requests, seed):
    asked = Counter(islice(shuffled_rounds(range(cases), seed), requests))
    counts = [asked[case] for case in range(cases)]
    assert max(counts) - min(counts) <= 1
