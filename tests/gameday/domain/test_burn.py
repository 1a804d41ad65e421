"""Budgets and burn rates, against numpy and against the arithmetic of the SRE workbook."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.burn import (
    PERIOD_S,
    STANDARD,
    BurnAlert,
    Tally,
    budget_spent,
    burn_rates,
    can_ever_fire,
    needed_s,
    watch_burn,
)

PAGE = STANDARD[0]
seconds = st.lists(
    st.integers(0, 40).flatmap(lambda total: st.tuples(st.just(total), st.integers(0, total))),
    min_size=1,
    max_size=120,
)
objectives = st.sampled_from([0.9, 0.95, 0.99, 0.995, 0.999])


def tally_of(pairs):
    return Tally([total for total, _ in pairs], [bad for _, bad in pairs])


def outage(seconds_bad, *, before=60, after=60, per_s=20, bad_per_s=20):
    """Good traffic, a stretch of bad, good traffic."""
    bad = [0] * before + [bad_per_s] * seconds_bad + [0] * after
    return Tally([per_s] * len(bad), bad)


def by_numpy(tally, window_s, objective):
    """Lay the run after a long good past, and take moving sums by convolution."""
    rate = np.mean(tally.total)
    total = np.concatenate([np.full(window_s, rate), tally.total])
    bad = np.concatenate([np.zeros(window_s), tally.bad])
    ones = np.ones(window_s)
    totals = np.convolve(total, ones)[window_s : window_s + len(tally.total)]
    bads = np.convolve(bad, ones)[window_s : window_s + len(tally.total)]
    shares = np.divide(bads, totals, out=np.zeros_like(bads), where=totals > 1e-9)
    return shares / (1 - objective)


@given(seconds, st.integers(1, 400), objectives)
@settings(max_examples=200, deadline=None)
def test_burn_rates_are_numpys_moving_shares(pairs, window_s, objective):
    tally = tally_of(pairs)
    expected = by_numpy(tally, window_s, objective)
    assert burn_rates(tally, window_s, objective) == pytest.approx(expected, abs=1e-6)


@given(seconds, objectives)
@settings(deadline=None)
def test_budget_spent_is_numpys(pairs, objective):
    tally = tally_of(pairs)
    allowed = np.mean(tally.total) * PERIOD_S * (1 - objective)
    expected = np.sum(tally.bad) / allowed if allowed else 0.0
    assert budget_spent(tally, objective) == pytest.approx(expected)


alerts = st.builds(
    lambda factor, short_s, times: BurnAlert(
        severity="page", factor=factor, short_s=short_s, long_s=short_s * times
    ),
    st.sampled_from([0.5, 1, 2, 6, 14.4]),
    st.integers(1, 30),
    st.integers(1, 12),
)


@given(seconds, objectives, alerts)
@settings(max_examples=200, deadline=None)
def test_an_alert_fires_the_first_second_that_both_windows_are_above(pairs, objective, alert):
    tally = tally_of(pairs)
    short, long = (by_numpy(tally, s, objective) for s in (alert.short_s, alert.long_s))
    # A hair's breadth beside the bound, two ways of summing may differ.
    above = np.flatnonzero(np.minimum(short, long) > alert.factor + 1e-6)
    near = np.flatnonzero(np.abs(np.minimum(short, long) - alert.factor) <= 1e-6)
    fired_s = watch_burn(tally, alert, objective).fired_s
    if not near.size:
        assert fired_s == (int(above[0]) + 1 if above.size else None)


def test_a_total_outage_of_three_nines_pages_within_the_minute_that_arithmetic_says():
    # 14.4x of 1 h at 0.1 %: 51.84 s of nothing but failures; the 52nd passes it.
    assert needed_s(PAGE, 0.999, 1.0) == pytest.approx(51.84)
    assert watch_burn(outage(51), PAGE, 0.999).fired_s is None
    assert watch_burn(outage(52), PAGE, 0.999).fired_s == 60 + 52


def test_five_minutes_cannot_page_at_two_nines_but_nine_minutes_can():
    seen = watch_burn(outage(300, before=300, after=300), PAGE, 0.99)
    assert seen.fired_s is None
    assert seen.long_max == pytest.approx(100 / 12, rel=0.01)  # diluted 12 times in the hour
    assert seen.short_max == pytest.approx(100)
    assert needed_s(PAGE, 0.99, 1.0) == pytest.approx(518.4)
    assert watch_burn(outage(519), PAGE, 0.99).fired_s is not None


@pytest.mark.parametrize(
    ("objective", "fires"), [(0.9, False), (0.93, False), (0.94, True), (0.99, True)]
)
def test_some_objectives_can_never_reach_an_alert(objective, fires):
    """At 93 % a total outage burns 14.3 times, at 94 % 16.7 times."""
    assert can_ever_fire(PAGE, objective) is fires
    assert (needed_s(PAGE, objective, 1.0) is not None) is fires


def test_a_share_that_burns_no_faster_than_the_alert_allows_never_fires():
    assert needed_s(PAGE, 0.999, 0.0144) is None
    assert needed_s(PAGE, 0.999, 0.0145) is not None
    steady = outage(3600, before=1, after=1, bad_per_s=1, per_s=100)
    assert watch_burn(steady, PAGE, 0.999).fired_s is None


def test_the_short_window_lets_it_end_soon_after():
    """Both windows must be above at once: the long one alone is not enough."""
    quick = BurnAlert(severity="page", factor=2, short_s=5, long_s=60)
    assert watch_burn(outage(20, before=0, after=0), quick, 0.9).fired_s is not None
    slow_burn = outage(20, before=0, after=0, bad_per_s=2)
    assert watch_burn(slow_burn, quick, 0.9).fired_s is None


def test_the_four_pairs_are_the_usual_ones():
    """Each uses so much of a budget of 30 days until it fires."""
    used = [alert.factor * alert.long_s / PERIOD_S for alert in STANDARD]
    assert used == pytest.approx([0.02, 0.05, 0.10, 0.10])
    assert [alert.long_s / alert.short_s for alert in STANDARD] == [12, 12, 12, 12]


def test_events_are_counted_in_their_second():
    tally = Tally.of({0: 2, 1: 1, -3: 1, 99: 1}, {0: 1, 1: 1, 99: 1}, 3)
    assert tally == Tally([3, 1, 1], [1, 1, 1])


def test_a_run_without_an_event_burns_nothing():
    nothing = Tally([0, 0], [0, 0])
    assert budget_spent(nothing, 0.99) == 0.0
    assert watch_burn(nothing, PAGE, 0.99) == watch_burn(Tally([5, 5], [0, 0]), PAGE, 0.99)
