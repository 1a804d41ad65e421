"""Durations, rates and factors: what is written and read back is the same number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gameday.domain.quantities import (
    Factor,
    Rate,
    Seconds,
    parse_duration_s,
    parse_factor,
    parse_rate_per_s,
    plain,
)

ALL = [TypeAdapter(Seconds), TypeAdapter(Rate), TypeAdapter(Factor)]
decimals = st.decimals(min_value="0.001", max_value=10**4, places=3).map(float)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20.0),
        ("500ms", 0.5),
        ("5m", 300.0),
        ("1h", 3600.0),
        (" 1.5 s ", 1.5),
        ("1ms", 0.001),
    ],
)
def test_durations(text, seconds):
    assert parse_duration_s(text) == seconds


@pytest.mark.parametrize(("text", "rate"), [("20/s", 20.0), ("600/m", 10.0), ("0.5 / s", 0.5)])
def test_rates(text, rate):
    assert parse_rate_per_s(text) == rate


@pytest.mark.parametrize(("text", "factor"), [("1.5x baseline", 1.5), ("2x", 2.0), ("1 x", 1.0)])
def test_factors(text, factor):
    assert parse_factor(text) == factor


@pytest.mark.parametrize("wrong", ["", "20", "s", "-1s", "1e3s", "20 years", "1,5s", 20, None, []])
@pytest.mark.parametrize("parse", [parse_duration_s, parse_rate_per_s, parse_factor])
def test_what_is_none_is_refused_with_what_was_found(parse, wrong):
    with pytest.raises(ValueError, match=r"expected a .* found ") as told:
        parse(wrong)
    assert repr(wrong) in str(told.value)


@pytest.mark.parametrize("wrong", ["0s", "0.9ms", "168.1h", "999999999999h", "0.0m"])
def test_a_duration_of_nothing_or_for_ever_is_none(wrong):
    with pytest.raises(ValueError, match="from 1ms to 168h, found "):
        parse_duration_s(wrong)


@pytest.mark.parametrize("wrong", ["0/s", "0.0009/s", "100001/s"])
def test_a_rate_of_nothing_or_beyond_reason_is_none(wrong):
    with pytest.raises(ValueError, match=r"from 0.001/s to 100000/s, found "):
        parse_rate_per_s(wrong)


@pytest.mark.parametrize("wrong", ["0x", "0.0x baseline"])
def test_a_factor_of_nothing_is_none(wrong):
    with pytest.raises(ValueError, match="expected a factor"):
        parse_factor(wrong)


def test_digits_of_other_scripts_are_none():
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration_s("٣s")


@given(decimals, st.sampled_from([("ms", "/m"), ("s", "/s"), ("m", "/m")]))
def test_round_trip(number, units):
    for adapter, unit in zip(ALL, (*units, "x"), strict=True):
        try:
            value = adapter.validate_python(f"{number:.3f}{unit}")
        except ValidationError:  # out of bounds in this unit
            continue
        assert adapter.validate_json(adapter.dump_json(value)) == value
        assert adapter.validate_python(adapter.dump_python(value)) == value


@given(st.floats(1e-6, 1e9))
def test_plain_has_no_exponent_and_no_loss(number):
    text = plain(number)
    assert float(text) == number
    assert "e" not in text
    assert not text.endswith(".")


def test_a_bare_number_is_no_quantity():
    for adapter in ALL:
        with pytest.raises(ValidationError):
            adapter.validate_python(20.0)
