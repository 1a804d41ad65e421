"""Unmarked traffic: a real shift is found with its numbers, chance and silence are not one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.gate import Traffic
from gameday.probes.unmarked import CALLS_MIN, find_shift, traffic_between, why_not_compared


def traffic(unmarked, bad=0, mean_ms=100.0):
    return Traffic(unmarked=unmarked, unmarked_bad=bad, unmarked_ms=unmarked * mean_ms)


def test_a_share_that_falls_is_told_with_its_numbers():
    before = {"primary": traffic(300), "secondary": traffic(0)}
    during = {"primary": traffic(29), "secondary": traffic(211)}
    assert find_shift(before, during, ["primary"]) == (
        "unmarked traffic shifted: primary's share fell from 100 % of 300 calls to 12 % of 240, "
        "so the fault reaches others, e.g. through a shared cooldown"
    )


def test_a_share_that_rises_counts_too():
    before = {"primary": traffic(0), "secondary": traffic(100)}
    during = {"primary": traffic(90), "secondary": traffic(10)}
    assert "primary's share rose from 0 % of 100 calls to 90 % of 100" in find_shift(
        before, during, ["primary"]
    )


def test_bad_answers_and_slow_ones_are_told():
    before = {"primary": traffic(100, bad=1)}
    bad = find_shift(before, {"primary": traffic(100, bad=40)}, ["primary"])
    assert "bad answers of primary rose from 1 % of 100 calls to 40 % of 100" in bad
    slow = find_shift(before, {"primary": traffic(50, mean_ms=2400)}, ["primary"])
    assert "took 2,400 ms on average (50 calls), 100 ms before (100 calls)" in slow


def test_what_gets_better_is_no_shift():
    before = {"primary": traffic(100, bad=50, mean_ms=5000)}
    assert find_shift(before, {"primary": traffic(100)}, ["primary"]) == ""


@settings(max_examples=50, deadline=None)
@given(st.integers(0, CALLS_MIN - 1), st.integers(0, 500), st.integers(0, 500))
def test_too_few_calls_never_trip(few, primary, secondary):
    some = {"primary": traffic(few, bad=few, mean_ms=9000), "secondary": traffic(0)}
    many = {"primary": traffic(primary), "secondary": traffic(secondary)}
    assert find_shift(some, many, ["primary"]) == ""
    assert find_shift(many, some, ["primary"]) == ""
    assert "20 are needed in each" in why_not_compared(some, many)
    assert why_not_compared(many, some) != ""


@settings(max_examples=50, deadline=None)
@given(st.integers(CALLS_MIN, 400), st.integers(CALLS_MIN, 400), st.floats(0, 1), st.floats(0, 1))
def test_the_same_shares_never_trip(calls_before, calls_during, share, bad):
    def made(calls):
        here = round(calls * share)
        return {
            "primary": traffic(here, bad=round(here * bad)),
            "secondary": traffic(calls - here),
        }

    assert find_shift(made(calls_before), made(calls_during), ["primary"]) == ""
    assert why_not_compared(made(calls_before), made(calls_during)) == ""


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.5, 0.9, 0.98]))
def test_chance_alone_does_not_trip_in_a_hundred_looks(seed, share):
    """One look a second at a growing count, as while a fault is there."""
    chance = random.Random(seed)

    def drawn(calls):
        here = sum(chance.random() < share for _ in range(calls))
        return {"primary": traffic(here), "secondary": traffic(calls - here)}

    before, during = drawn(200), {"primary": traffic(0), "secondary": traffic(0)}
    said = []
    for _ in range(100):
        more = drawn(5)
        during = {n: traffic(during[n].unmarked + more[n].unmarked) for n in during}
        said.append(find_shift(before, during, ["primary"]))
    assert sum(bool(sentence) for sentence in said) == 0


@pytest.mark.parametrize("calls", [20, 40, 240])
def test_a_cooldown_for_everybody_always_trips(calls):
    before = {"primary": traffic(calls), "secondary": traffic(0)}
    during = {"primary": traffic(calls // 10), "secondary": traffic(calls - calls // 10)}
    assert find_shift(before, during, ["primary"]) != ""


def test_a_windows_traffic_is_what_came_in_it():
    start = {"primary": Traffic(marked=5, unmarked=10, unmarked_bad=1, unmarked_ms=100.0)}
    end = {
        "primary": Traffic(marked=9, unmarked=30, unmarked_bad=3, unmarked_ms=700.0),
        "secondary": Traffic(unmarked=4, unmarked_ms=8.0),
    }
    assert traffic_between(start, end) == {
        "primary": Traffic(marked=4, unmarked=20, unmarked_bad=2, unmarked_ms=600.0),
        "secondary": Traffic(unmarked=4, unmarked_ms=8.0),
    }
