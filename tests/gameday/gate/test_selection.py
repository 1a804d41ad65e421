"""Shares are kept by counting, ramps grow, keys stay."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.gate.selection import Selection


def chosen(selection, number, at_s=0.0):
    return [selection.choose(at_s) for _ in range(number)]


@given(
    share=st.integers(1, 100).map(lambda percent: percent / 100),
    seed=st.integers(0, 2**32 - 1),
    blocks=st.integers(1, 5),
)
@settings(max_examples=60, deadline=None)
def test_each_hundred_has_exactly_its_share(share, seed, blocks):
    selection = Selection(share=share, ramp_s=None, seed=seed)
    for _ in range(blocks):
        assert sum(chosen(selection, 100)) == round(100 * share)


@given(share=st.floats(0.0001, 1), seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_a_share_between_two_percents_is_kept_over_blocks(share, seed):
    selection = Selection(share=share, ramp_s=None, seed=seed)
    assert abs(sum(chosen(selection, 2_000)) - 2_000 * share) <= 0.5 + 1e-6


def test_the_seed_alone_decides_the_places():
    def places(seed):
        return chosen(Selection(share=0.25, ramp_s=None, seed=seed), 200)

    assert places(1) == places(1)
    assert places(1) != places(2)


def test_no_client_that_retries_can_fall_in_with_it():
    """Taking every n-th request, as a client with a fixed rhythm does, finds about the share."""
    picks = chosen(Selection(share=0.25, ramp_s=None, seed=3), 4_000)
    for step in (2, 3, 4, 5):
        for begin in range(step):
            every = picks[begin::step]
            assert 0.2 < sum(every) / len(every) < 0.3


@pytest.mark.parametrize("seed", range(5))
def test_a_ramp_grows_from_nothing_to_the_share(seed):
    selection = Selection(share=0.5, ramp_s=10.0, seed=seed)
    picks = [selection.choose(number / 100) for number in range(1_000)]
    assert abs(sum(picks) - 250) <= 1
    tenths = [sum(picks[begin : begin + 100]) for begin in range(0, 1_000, 100)]
    for number, count in enumerate(tenths):
        assert abs(count - 5 * (number + 0.5)) <= 2
    assert sum(chosen(selection, 100, at_s=10.0)) == 50


def test_a_key_keeps_its_fate_and_a_ramp_only_adds_keys():
    selection = Selection(share=0.3, ramp_s=10.0, seed=9)
    keys = [f"key {number}" for number in range(2_000)]
    early = {key for key in keys if selection.choose_key(key, 5.0)}
    late = {key for key in keys if selection.choose_key(key, 10.0)}
    assert early < late == {key for key in keys if selection.choose_key(key, 99.0)}
    for found, share in ((early, 0.15), (late, 0.3)):
        assert abs(len(found) / 2_000 - share) < 4 * math.sqrt(share / 2_000)


def test_no_key_is_no_fate():
    assert not Selection(share=1.0, ramp_s=None, seed=0).choose_key("", 1.0)


def test_a_later_share_holds_from_its_moment_on():
    selection = Selection(share=0.02, ramp_s=None, seed=4, later=[(20.0, 0.16), (40.0, 1.0)])
    assert sum(chosen(selection, 1_000, at_s=19.9)) == 20
    assert sum(chosen(selection, 1_000, at_s=20.0)) == 160
    assert sum(chosen(selection, 100, at_s=40.0)) == 100


def test_of_two_moments_that_passed_unseen_the_last_one_holds():
    selection = Selection(share=0.02, ramp_s=None, seed=4, later=[(20.0, 0.16), (40.0, 0.5)])
    assert sum(chosen(selection, 100, at_s=60.0)) == 50


def test_a_later_share_keeps_every_key_that_was_in_before():
    selection = Selection(share=0.008, ramp_s=None, seed=9, later=[(20.0, 0.16)])
    keys = [f"key {number}" for number in range(5_000)]
    early = {key for key in keys if selection.choose_key(key, 5.0)}
    late = {key for key in keys if selection.choose_key(key, 20.0)}
    assert early < late
    for found, share in ((early, 0.008), (late, 0.16)):
        assert abs(len(found) / 5_000 - share) < 4 * math.sqrt(share / 5_000)
