"""The scorer `pii`."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.scorers.pii import Pii


@pytest.mark.parametrize(
    ("kind", "piece"),
    [
        ("email", "jo.doe+news@mail.example.co.uk"),
        ("phone", "+49 30 901820"),
        ("phone", "+1 (212) 555-0148"),
        ("phone", "0049 30 901820"),
        ("phone", "(212) 555-0148"),
        ("phone", "212-555-0148"),
        ("card", "4111 1111 1111 1111"),
        ("card", "5500-0000-0000-0004"),
        ("card", "378282246310005"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("iban", "GB82WEST12345698765432"),
        ("us_ssn", "123-45-6789"),
        ("ip_address", "8.8.8.8"),
        ("secret", "sk-" + "a1B2" * 6),
        ("secret", "AKIA" + "ABCD1234EFGH5678"),
        ("secret", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)
def test_each_kind_is_found_and_told_from_the_others(kind, piece):
    text = f"Write to {piece}, please."
    assert Pii().score_text(text) == 0.0
    assert Pii(kinds=(kind,)).score_text(text) == 0.0
    others = tuple(one for one in Pii().kinds if one != kind)
    assert Pii(kinds=others).score_text(text) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Order 4111 1111 1111 1112 ships in 30 days.",  # its check digit is wrong
        "Order LN-204817 of 2026-11-30 costs 1,234.50 euro.",
        "DE89 3704 0044 0532 0130 01",  # neither
        "000-12-3456 and 900-12-3456 and 123-00-4567",  # never given out
        "Version 1.2.3 runs on 127.0.0.1 and 10.0.0.7.",
        "0000 0000 0000 0000",
        "Call 112, or 030 901820 in Berlin.",  # no country code: no rule tells it from a number
        "me@localhost, @handle, 50% off @ 5",
        "sk-short",
    ],
)
def test_what_only_looks_like_it(text):
    assert Pii().score_text(text) == 1.0


def test_what_is_allowed():
    text = "Write to help@lantern.example or call +49 30 901820."
    assert Pii(allow=("help@lantern.example", "+49 30 901820")).score_text(text) == 1.0
    assert Pii(allow=("@lantern.example", "+49 30 901820")).score_text(text) == 1.0
    assert Pii(allow=("help@lantern.example",)).score_text(text) == 0.0


@given(st.integers(10**13, 10**14 - 1))
def test_of_ten_last_digits_one_makes_a_card(digits):
    cards = [f"4{digits}{last}" for last in range(10)]
    found = [card for card in cards if Pii(kinds=("card",)).score_text(card) == 0.0]
    assert len(found) == 1
    assert luhn_by_hand(found[0])


def luhn_by_hand(card):
    total = 0
    for place, digit in enumerate(reversed(card)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number if number < 10 else number - 9
    return total % 10 == 0


@given(st.text(string.ascii_letters + " .,", max_size=200))
def test_words_alone_are_nobodys_data(text):
    assert Pii().score_text(text) == 1.0
