"""Nothing of a user's that has a shape is left; ordinary questions are as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.personal import found
from gameday.store.input_redaction import _KINDS, redact_input

FAKE = "Aa0Bb1Cc2Dd3Ee4Ff5Gg6"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("jo@mail.example and bärbel@büro.example", "[email] and [e-mail]"),
        ("call 0171 1234567 or (030) 123456-78", "call [number] or [number]"),
        ("+49 171 1234567", "[phone]"),
        ("4111 1111 1111 1111, and 4111111111111112", "[card], and [number]"),
        ("DE89 3704 0044 0532 0130 00", "[iban]"),
        ("de89 3704 0044 0532 0130 01, de89370400440532013001", "[iban], [iban]"),
        ("see https://shop.example/o?token=abc or www.shop.example/x", "see [link] or [link]"),
        ("token f3a9c0d17b5e4f6a8b9c0d1e", "token [key]"),
        ("3fa85f64-5717-4562-b3fc-2c963f66afa6", "[key]"),
        (f"sk-{FAKE}", "[secret]"),
        ("born 1980-02-29, or 29.02.1980, or 2/29/80", "born [date], or [date], or [date]"),
        ("my account is 12345678", "my account is [number]"),
        ("I am @jo_doe", "I am [handle]"),
        ("078-05-1120 from 8.8.8.8", "[us_ssn] from [ip_address]"),
    ],
)
def test_of_what_users_wrote_more_is_taken_out(text, left):
    assert redact_input(text).text == left


@pytest.mark.parametrize(
    "text",
    [
        "How long do I have, 14 or 30 days?",
        "Order LN-10234 costs 1,299.50 euro, and 3 x 20 cm.",
        "Is it open at 9:30 on 24/7 lines?",
        "What is a state-of-the-art refrigerator?",
        "Wie lange dauert es bis zum 3. Mai?",
    ],
)
def test_ordinary_questions_are_left_as_they_are(text):
    assert redact_input(text) == (text, {})


def test_what_was_taken_is_counted_by_its_name():
    text = "jo@mail.example, jo@mail.example, +49 171 1234567, order 12345678"
    assert redact_input(text).taken == {"email": 2, "number": 1, "phone": 1}


PLANTED = st.sampled_from(
    [
        "jo@mail.example", "+49 171 1234567", "4111 1111 1111 1111", "DE89370400440532013000",
        "078-05-1120", "8.8.8.8", f"sk-{FAKE}", "0171/1234567", "2001-02-03",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(PLANTED, st.text(max_size=12)), max_size=8))
def test_nothing_that_was_planted_is_left_whatever_is_around_it(pieces):
    text = redact_input(" ".join(pieces)).text
    assert not list(found(text, _KINDS))
    planted = [piece for piece in pieces if "@" in piece and "mail" in piece]
    assert not any(piece in text for piece in planted)
    assert redact_input(text).text == text  # and what is left is left
