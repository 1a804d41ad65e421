"""A suite that follows what users ask: the largest gap first, and none beyond its share."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.proposing import apart, chosen, shares

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1)


def offered(production):
    return {kind: [f"{kind}{n}" for n in range(count)] for kind, count in production.items()}


def kinds(found):
    return Counter(kind for kind, _ in found)


def test_the_stratum_that_is_lacked_most_comes_first():
    production = {"a": 50, "b": 30, "c": 20}
    found = chosen(production, {"a": 5}, offered(production), 5)
    assert kinds(found) == {"b": 3, "c": 2}
    assert found[0][0] == "b"
    assert kinds(chosen(production, {}, offered(production), 10)) == {
        "a": 5,
        "b": 3,
        "c": 2,
    }


def test_what_would_lead_away_is_not_proposed():
    production = {"a": 90, "b": 10}
    only_b = {"b": [f"b{n}" for n in range(10)]}
    # The second is more than its share already, by less than a case.
    assert kinds(chosen(production, {"a": 9}, only_b, 5)) == {"b": 2}
    assert chosen(production, {"a": 9, "b": 5}, only_b, 5) == []


@given(production=COUNTS, have=COUNTS, wanted=st.integers(1, 40))
def test_none_has_more_than_its_share_and_one_case_and_none_comes_twice(production, have, wanted):
    found = chosen(production, have, offered(production), wanted)
    assert len(found) <= wanted
    assert len({item for _, item in found}) == len(found)
    total = sum(have.values()) + len(found)
    for kind, count in kinds(found).items():
        share = production[kind] / sum(production.values())
        assert have.get(kind, 0) + count < share * total + 1
    assert found == chosen(production, have, offered(production), wanted)


def test_the_order_of_the_file_makes_no_difference():
    production = {"a": 50, "b": 30, "c": 20}
    turned = dict(reversed(production.items()))
    one = chosen(production, {}, offered(production), 9)
    assert one == chosen(turned, {}, offered(turned), 9)


def test_how_far_apart_is_the_share_that_is_elsewhere():
    found = shares({"a": 50, "b": 50}, {"a": 10}, {"b": 5})
    assert list(found) == ["a", "b"]
    before, after = apart(found)
    assert before == pytest.approx(0.5)
    assert after == pytest.approx(1 / 6)
