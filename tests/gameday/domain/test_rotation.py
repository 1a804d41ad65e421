"""Probes of every group, and parts that make up the whole suite."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.rotation import part_of, parts_of, probes_of

GROUPS = {"a": "tool", "b": "tool", "c": "tool", "d": "retrieval", "e": "retrieval", "f": "long"}


def test_probes_are_of_every_group_as_far_as_there_are_enough():
    assert probes_of(GROUPS, 3) == ("a", "d", "f")
    assert probes_of(GROUPS, 5) == ("a", "d", "f", "b", "e")
    assert sorted(probes_of(GROUPS, 99)) == sorted(GROUPS)
    assert probes_of({}, 3) == ()


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 3))
def test_a_round_asks_each_case_once(count, wanted, round_):
    cases = [f"case-{number}" for number in range(count)]
    parts = parts_of(count, wanted)
    ticks = range(round_ * parts, (round_ + 1) * parts)
    found = [part_of(cases, wanted, tick, "seed") for tick in ticks]
    assert Counter(case for part in found for case in part) == dict.fromkeys(cases, 1)
    assert all(0 < len(part) <= wanted for part in found)


def test_rounds_have_orders_of_their_own_that_are_the_same_anywhere():
    cases = [f"case-{number}" for number in range(20)]
    parts = [part_of(cases, 5, tick, "seed") for tick in range(8)]
    assert set(parts[:4]) != set(parts[4:])
    assert parts[0] == part_of(cases, 5, 0, "seed")
    assert parts[0] != part_of(cases, 5, 0, "another")
