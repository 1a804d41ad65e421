"""Sticky keys: where they stand, and what a user's is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.sticky import key_of, place_of
from gameday.domain.synthetic import Synthetic


@given(st.text(), st.integers(0, 2**32 - 1))
def test_a_key_stands_at_one_place_for_good(key, seed):
    assert 0 <= place_of(key, seed) < 1
    assert place_of(key, seed) == place_of(key, seed)


def test_many_keys_stand_evenly_and_elsewhere_by_another_seed():
    keys = [f"user-{number}" for number in range(2_000)]
    for seed in (0, 1):
        below = sum(place_of(key, seed) < 0.25 for key in keys)
        assert below == pytest.approx(500, abs=80)
    assert [place_of(key, 0) for key in keys[:5]] != [place_of(key, 1) for key in keys[:5]]


NAMED = Synthetic(
    tenant="gameday", headers={"x-user": "at/{{user}}"}, body={"metadata.user": "{{user}}"}
)


@pytest.mark.parametrize(
    ("synthetic", "sticky_by", "key"),
    [
        (NAMED, "header:x-user", "at/user-3"),
        (NAMED, "body:metadata.user", "user-3"),
        (NAMED, "header:x-gameday-user", ""),  # named elsewhere, so not carried there
        (NAMED, "header:x-gameday-tenant", ""),  # everybody's
        (NAMED, "key", ""),
        (Synthetic(), "header:x-gameday-user", "user-3"),
        (Synthetic(), "header:x-user", ""),
    ],
)
def test_a_key_is_what_the_users_own_request_carries_there(synthetic, sticky_by, key):
    assert key_of("user-3", sticky_by, synthetic) == key
