"""The statistics, against numpy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.statistics import (
    Z_95_ONE_SIDED,
    answers_difference,
    answers_to_see,
    chance_of,
    envelope_requests,
    percentile,
    requests_for_percentile,
    stratified_difference,
)

figures = st.floats(0, 1e6)
scores = st.dictionaries(
    st.sampled_from("abcdef"), st.lists(st.floats(0, 1), max_size=6), max_size=6
)


@given(st.lists(figures, min_size=1, max_size=200), st.integers(1, 999))
def test_percentile_is_numpys_inverted_cdf(values, permille):
    oracle = np.quantile(values, permille / 1000, method="inverted_cdf")
    rank_is_whole = permille * len(values) % 1000 == 0
    # Where the rank is a whole number, binary fractions make numpy choose either neighbour.
    if rank_is_whole:
        assert (
            percentile(values, permille / 1000)
            == sorted(values)[permille * len(values) // 1000 - 1]
        )
    else:
        assert percentile(values, permille / 1000) == oracle


@given(st.lists(figures, min_size=1, max_size=50), st.floats(0, 1))
def test_percentile_was_really_seen_and_bounds_its_share(values, quantile):
    value = percentile(values, quantile)
    assert value in values
    assert sum(one <= value for one in values) >= quantile * len(values) - 1e-6


@settings(max_examples=30)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(20_000, 60_000),
    st.sampled_from([0.001, 0.5, 0.95, 0.99, 0.999, 1.0]),
    st.sampled_from(["uniform", "few values", "sorted", "reversed", "one peak"]),
)
def test_percentile_of_many_is_numpys_too(seed, count, quantile, shape):
    values = np.random.default_rng(seed).lognormal(size=count)
    if shape == "few values":
        values = np.round(values)
    if shape in {"sorted", "reversed"}:
        values = np.sort(values)[:: 1 if shape == "sorted" else -1]
    if shape == "one peak":
        values[: count // 2] = 0.0
    rank = max(1, math.ceil(quantile * count - 1e-9))
    assert percentile(values.tolist(), quantile) == np.partition(values, rank - 1)[rank - 1]


def test_percentile_of_nothing():
    assert percentile([], 0.95) is None


@pytest.mark.parametrize(("quantile", "needed"), [(0.5, 20), (0.95, 200), (0.99, 1000)])
def test_ten_requests_are_left_above_the_quantile(quantile, needed):
    assert requests_for_percentile(quantile) == needed


@settings(max_examples=200)
@given(scores, scores)
def test_stratified_difference_is_what_numpy_says(before, after):
    difference = stratified_difference(before, after)
    shared = [case for case in before if before[case] and after.get(case)]
    if not shared or not (_freedom(before) and _freedom(after)):
        assert difference is None
        return
    assert difference is not None
    means = [np.mean(after[case]) - np.mean(before[case]) for case in shared]
    variance = np.mean(
        [_pooled(before) / len(before[c]) + _pooled(after) / len(after[c]) for c in shared]
    )
    assert difference.strata == len(shared)
    assert difference.mean == pytest.approx(np.mean(means), abs=1e-12)
    # The mean of k independent differences has a k-th of their mean variance.
    assert difference.standard_error == pytest.approx(math.sqrt(variance / len(shared)), abs=1e-9)
    half = Z_95_ONE_SIDED * difference.standard_error
    assert difference.lower == pytest.approx(difference.mean - half)
    assert difference.upper == pytest.approx(difference.mean + half)


def _freedom(by_case):
    return sum(len(values) - 1 for values in by_case.values() if values)


def _pooled(by_case):
    squares = sum(np.var(values) * len(values) for values in by_case.values() if values)
    return squares / _freedom(by_case)


@settings(max_examples=25)
@given(scores, st.randoms(use_true_random=False))
def test_the_order_of_scores_does_not_matter(before, random):
    shuffled = {case: random.sample(values, len(values)) for case, values in before.items()}
    ours, theirs = stratified_difference(before, before), stratified_difference(before, shuffled)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert ours.mean == pytest.approx(theirs.mean, abs=1e-12)
        assert ours.standard_error == pytest.approx(theirs.standard_error, abs=1e-12)


def test_the_bound_is_right_19_times_of_20():
    """Where nothing changed, the lower bound lies above the truth about once in twenty."""
    pick = np.random.default_rng(7)
    rates = pick.uniform(0.5, 1.0, size=40)
    above = 0
    for _ in range(1000):
        before = {str(c): (pick.random(10) < p).astype(float).tolist() for c, p in enumerate(rates)}
        after = {str(c): (pick.random(10) < p).astype(float).tolist() for c, p in enumerate(rates)}
        difference = stratified_difference(before, after)
        assert difference is not None
        above += difference.lower > 0
    assert 25 <= above <= 85  # 50 expected; a loose interval around it


def test_the_difference_of_answers_is_what_numpy_says():
    before = {"a": [1.0, 0.0], "b": [1.0, 1.0], "c": []}
    after = {"a": [1.0, 0.0], "b": [0.0], "c": [1.0], "d": [1.0]}
    found = answers_difference(before, after)
    changes = [0.5, -0.5, -1.0]
    assert found.mean == pytest.approx(np.mean(changes))
    assert found.standard_error == pytest.approx(np.std(changes, ddof=1) / np.sqrt(3))
    assert found.strata == 2
    assert answers_difference(before, {"a": [1.0], "c": [1.0]}) is None
    assert answers_difference({}, after) is None


@given(st.lists(st.integers(0, 9), min_size=2, max_size=60))
def test_answers_that_are_as_usual_have_no_difference(cases):
    usual = {case: [case / 9] for case in range(10)}
    same = {case: [case / 9] * cases.count(case) for case in cases}
    found = answers_difference(usual, same)
    assert found.mean == pytest.approx(0.0)
    assert found.standard_error == pytest.approx(0.0)


@pytest.mark.parametrize("drop", [0.02, 0.1, 0.3])
def test_so_many_answers_without_a_failure_leave_a_drop_its_chance(drop):
    needed = answers_to_see(drop)
    assert (1 - drop) ** needed <= 0.01 < (1 - drop) ** (needed - 1)
    assert answers_to_see(drop, 0.5) < needed


def test_envelope_requests_halve_the_margin():
    for margin in (0.05, 0.1, 0.2):
        n = envelope_requests(margin)
        half_width = Z_95_ONE_SIDED * math.sqrt(2 * 0.08 / n)
        assert half_width <= margin / 2
        assert Z_95_ONE_SIDED * math.sqrt(2 * 0.08 / (n - 1)) > margin / 2


@pytest.mark.parametrize(("count", "of", "share"), [(0, 9, 0.3), (3, 50, 0.05), (50, 50, 0.9)])
def test_the_chance_of_so_many_or_more_is_that_of_counting_all_ways(count, of, share):
    ways = (math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count, of + 1))
    assert chance_of(count, of, share) == pytest.approx(math.fsum(ways))
