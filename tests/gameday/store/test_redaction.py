"""Secrets and personal marks are taken out; ordinary answers are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.store.redaction import _ALL, redact

FAKE = "Aa0Bb1Cc2Dd3Ee4Ff5Gg6"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"key sk-{FAKE}", "key [key]"),
        (f"ghp_{FAKE} and xoxb-{FAKE}", "[key] and [key]"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "[key]"),
        (f"Authorization: Bearer {FAKE}", "Authorization: Bearer [token]"),
        (f"eyJhbGciOiJI.{FAKE}.{FAKE}", "[token]"),
        ("password=hunter2, then", "password=[secret], then"),
        ("write to ana.b+c@mail.example.org now", "write to [e-mail] now"),
        ("card 4111 1111 1111 1111.", "card [number]."),
        ("call +49 30 1234567890", "call [number]"),
    ],
)
def test_secrets_are_replaced_by_what_they_are(text, left):
    assert redact(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "30 days",
        "at 2026-11-21 10:30:00",
        "order 12345 of 2026-11-21",
        "p95 388 ms, 600 requests",
        "@ana asked",
        "skipper-1",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert redact(text) == text


PIECES = st.sampled_from(
    [
        *("sk-", "pk_", FAKE, "AKIA", "ABCDEFGHIJKLMNOP", "eyJhbGciOiJI.", "Bearer ", "BEARER "),
        *("PassWord=", "password:", "ana@mail.example", "4111 1111 1111", "+49 30 1234567890"),
        *(".", " ", "-", "@", "pa\u017f\u017fword=hunter2", "\u0664" * 14, "4711"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_what_is_looked_for_first_hides_nothing(text):
    """The patterns alone, each over every text, take out the same."""
    expected = text
    for pattern, name, _ in _ALL:
        expected = pattern.sub(name, expected)
    assert redact(text) == expected
