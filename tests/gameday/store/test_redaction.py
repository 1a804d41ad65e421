"""Secrets and personal marks are taken out; ordinary answers are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.evidence import Evidence
from gameday.domain.redaction import RULES
from gameday.store.redaction import Redactor, redact
from gameday.supervisor import secrets

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
        ("call +49 30 1234567890", "call [phone]"),
        ("call (212) 555-0143 now", "call [phone] now"),
        ("to GB82 WEST 1234 5698 7654 32.", "to [iban]."),
        ("to DE89370400440532013000", "to [iban]"),
        ("her number is 219-09-9999", "her number is [us_ssn]"),
        ("from 93.184.216.34", "from [ip_address]"),
        ("Basic dXNlcjpwYXNzd29yZA==", "Basic [token]"),
        ('{"api_key": "abc123def"}', '{"api_key": "[secret]"}'),
        ("https://h/?access_token=abc.def-1&x=1", "https://h/?access_token=[secret]&x=1"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\nend",
            "[private key]\nend",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw", "[private key]"),
    ],
)
def test_secrets_are_replaced_by_what_they_are(text, left):
    assert redact(text) == redact(left) == left


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
    """The rules alone, each over every text, take out the same."""
    expected = text
    for rule in RULES:
        expected = rule.out(expected)
    assert redact(text) == expected


@pytest.fixture
def given_secret(monkeypatch):
    """Remembers a secret for this test alone."""
    monkeypatch.setattr(secrets, "_hidden", ())
    return secrets.remember_secret


@pytest.mark.parametrize(
    "spelt",
    [
        'pass "word" 50%',
        'pass \\"word\\" 50%',
        "pass%20%22word%22%2050%25",
        "cGFzcyAid29yZCIgNTAl",
    ],
    ids=["as it is", "in JSON", "in a URL", "in base64"],
)
def test_a_secret_is_known_by_its_value_however_it_is_spelt(spelt, given_secret):
    given_secret('pass "word" 50%')
    assert redact(f"no {spelt}, sorry") == "no [secret], sorry"
    assert secrets.hide_in(f"no {spelt}, sorry".encode()) == b"no [secret], sorry"


def test_of_two_secrets_the_longer_goes_first(given_secret):
    given_secret("canary-12")
    given_secret("canary-12-and-more")
    assert redact("canary-12-and-more or canary-12") == "[secret] or [secret]"


def test_a_short_secret_would_take_words_out(given_secret):
    given_secret("the")
    assert redact("the end") == "the end"


def test_a_secret_that_was_read_is_known(tmp_path, given_secret, monkeypatch):
    monkeypatch.setenv("FRONT_DOOR_KEY", "plain-words-as-a-key")
    secrets.read_secret("env:FRONT_DOOR_KEY")
    (tmp_path / "login").write_text("another one of them\n")
    secrets.read_secret("file:login", beside=tmp_path)
    assert redact("plain-words-as-a-key, another one of them") == "[secret], [secret]"


def own(*rules):
    named = [{"name": name, "pattern": pattern} for name, pattern in rules]
    return Redactor(Evidence.model_validate({"redact": named}).redact)


def test_the_operators_own_rules_come_first():
    redactor = own(("employee", "EMP-[0-9]{6}"), ("customer", "[a-z]+@shop[.]example"))
    assert redactor.text("EMP-004711 of ana@shop.example and bo@other.example") == (
        "[employee] of [customer] and [e-mail]"
    )


def test_names_stay_apart_and_are_left_alone_where_nothing_is_in_them():
    name = own(("employee", "EMP-[0-9]{6}")).name
    assert name("heron-4-2026-08") == "heron-4-2026-08"
    assert name(None) is None
    first, second = name("by EMP-000001"), name("by EMP-000002")
    assert first != second
    assert first.startswith("by [employee]~")
    assert "000001" not in first
    assert name("by EMP-000001") == first
