"""Prices by token class."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.price import Price

PLAIN = Price(input_usd_per_mtok=2, output_usd_per_mtok=8)
WHOLE = Price(
    input_usd_per_mtok=2,
    output_usd_per_mtok=8,
    cached_input_usd_per_mtok=0.5,
    reasoning_usd_per_mtok=16,
)
tokens = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("usd", "by_hand"),
    [
        (PLAIN.input_usd(1_000_000), 2.0),
        (PLAIN.input_usd(1_000_000, cached=400_000), 2.0),
        (WHOLE.input_usd(1_000_000, cached=400_000), 0.6 * 2 + 0.4 * 0.5),
        (PLAIN.output_usd(1_000_000, reasoning=250_000), 8.0),
        (WHOLE.output_usd(1_000_000, reasoning=250_000), 0.75 * 8 + 0.25 * 16),
        (WHOLE.input_usd(100, cached=900), 100 * 0.5 / 1e6),  # never more cached than there are
    ],
)
def test_each_class_has_its_price(usd, by_hand):
    assert usd == pytest.approx(by_hand)


@given(tokens, tokens)
def test_no_token_costs_more_than_the_dearest(of_all, apart):
    most = of_all * WHOLE.dearest_usd_per_mtok / 1e6
    assert 0 <= WHOLE.input_usd(of_all, apart) <= most * (1 + 1e-12)
    assert 0 <= WHOLE.output_usd(of_all, apart) <= most * (1 + 1e-12)


@pytest.mark.parametrize("price", [PLAIN, WHOLE])
@given(tokens, tokens, tokens, tokens)
def test_an_answer_costs_what_went_in_and_what_came_out(price, read, cached, wrote, reasoning):
    parts = price.input_usd(read, cached) + price.output_usd(wrote, reasoning)
    assert price.usd(read, cached, wrote, reasoning) == parts
    assert price.usd(read, 0, wrote, 0) == price.input_usd(read) + price.output_usd(wrote)


def test_a_price_of_nothing_is_a_price():
    free = Price(input_usd_per_mtok=0, output_usd_per_mtok=0, cached_input_usd_per_mtok=0)
    assert free.input_usd(10, 5) == free.output_usd(10) == free.dearest_usd_per_mtok == 0.0
