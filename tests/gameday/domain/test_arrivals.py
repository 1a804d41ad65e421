"""Arrivals: fixed in advance, and as many as the rate says."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.arrivals import (
    RateCurve,
    even_arrivals,
    poisson_arrivals,
    replayed_arrivals,
)

rates = st.floats(min_value=0.5, max_value=500)
stages = st.lists(st.tuples(rates, st.floats(min_value=0.001, max_value=60)), max_size=4)


def first(arrivals, count):
    return list(itertools.islice(arrivals, count))


def test_a_constant_rate_is_evenly_spaced():
    assert first(even_arrivals(RateCurve(20)), 4) == pytest.approx([0, 0.05, 0.10, 0.15])


def test_a_spike_goes_up_at_once_and_stays():
    curve = RateCurve(10, [(10, 5), (100, 0.001), (100, 10)])
    arrivals = np.array(first(even_arrivals(curve), 1000))
    assert np.sum(arrivals < 5) == pytest.approx(50, abs=1)
    assert np.sum((arrivals >= 5) & (arrivals < 10)) == pytest.approx(500, abs=2)


@given(rate=rates, stages=stages, at_s=st.floats(min_value=0, max_value=200))
def test_due_requests_are_the_area_under_the_rate(rate, stages, at_s):
    curve = RateCurve(rate, stages)
    grid = np.linspace(0, at_s, 20_001)
    edges = np.cumsum([lasts for _, lasts in stages])
    grid = np.unique(np.concatenate([grid, edges[edges < at_s]]))
    area = np.trapezoid([curve.rate_at(float(t)) for t in grid], grid)
    # a millisecond's jump is between two points of the grid in part
    assert curve.due_by(at_s) == pytest.approx(area, rel=2e-2, abs=1)


@given(rate=rates, stages=stages, due=st.floats(min_value=0, max_value=5000))
def test_the_inverse_is_one(rate, stages, due):
    curve = RateCurve(rate, stages)
    assert curve.due_by(curve.at(due)) == pytest.approx(due, rel=1e-6, abs=1e-6)


@given(rate=rates, stages=stages, seed=st.integers(0, 1000))
def test_arrivals_never_go_back(rate, stages, seed):
    curve = RateCurve(rate, stages)
    for arrivals in (even_arrivals(curve), poisson_arrivals(curve, random.Random(seed).random)):
        moments = first(arrivals, 200)
        assert moments == sorted(moments)
        assert moments[0] >= 0


def test_poisson_gaps_are_exponential():
    gaps = np.diff(first(poisson_arrivals(RateCurve(50), random.Random(1).random), 20_000))
    assert gaps.mean() == pytest.approx(1 / 50, rel=0.03)
    assert gaps.std() == pytest.approx(1 / 50, rel=0.05)
    assert np.mean(gaps > 1 / 50) == pytest.approx(math.exp(-1), abs=0.015)


def test_the_same_seed_gives_the_same_arrivals():
    def drawn(seed):
        return first(poisson_arrivals(RateCurve(50), random.Random(seed).random), 50)

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_replay_keeps_its_gaps_and_goes_round():
    moments = first(replayed_arrivals([100.0, 100.5, 102.0]), 6)
    assert moments == pytest.approx([0, 0.5, 2.0, 3.0, 3.5, 5.0])


@given(rate=rates, stages=stages, wanted=rates)
def test_the_stretches_at_a_rate_are_those_where_it_is_reached(rate, stages, wanted):
    curve = RateCurve(rate, stages)
    spans = list(curve.spans_at(wanted))
    for at_s in np.linspace(0, curve.edges_s[-1] + 5, 300):
        inside = any(start <= at_s <= end for start, end in spans)
        near = math.isclose(curve.rate_at(float(at_s)), wanted, rel_tol=1e-6)
        assert near or inside == (curve.rate_at(float(at_s)) > wanted)


@given(rate=rates, stages=stages, start_s=st.floats(0, 60), lasts_s=st.floats(0, 60))
def test_the_lowest_and_highest_rate_of_a_stretch(rate, stages, start_s, lasts_s):
    curve = RateCurve(rate, stages)
    low, high = curve.rates_between(start_s, start_s + lasts_s)
    tried = [curve.rate_at(float(t)) for t in np.linspace(start_s, start_s + lasts_s, 300)]
    assert low <= min(tried) * (1 + 1e-9)
    assert high >= max(tried) * (1 - 1e-9)


@given(rate=rates, stages=stages)
def test_even_arrivals_are_where_whole_numbers_of_requests_are_due(rate, stages):
    curve = RateCurve(rate, stages)
    assert first(even_arrivals(curve), 300) == [curve.at(due) for due in range(300)]
