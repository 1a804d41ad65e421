"""Standard Webhooks by the published vector, its window, and what cannot be its secret."""

from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.sender import Delivery
from tests.gameday.serve.told import STANDARD, STANDARD_SECRET, believed, resolved

SENDER = believed("standard").sender
SIGNED_AT = datetime.fromtimestamp(1614265330, UTC)
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
VECTOR = b'{"test": 2432232314}'


def objection(at=SIGNED_AT, sent=VECTOR, **headers):
    return SENDER.objection(Delivery(HEADERS | headers, sent, at), STANDARD_SECRET)


def test_the_published_vector_is_believed():
    assert objection() == ""
    assert objection(**{"webhook-signature": f"v1,bm9wZQ== {HEADERS['webhook-signature']}"}) == ""


@pytest.mark.parametrize("name", list(HEADERS))
def test_each_header_is_signed_and_needed(name):
    assert objection(**{name: HEADERS[name][:-1] + "7"})
    assert "lacks" in objection(**{name: ""})


def test_the_window_is_five_minutes_on_both_sides():
    for seconds in (-300, 300):
        assert objection(SIGNED_AT + timedelta(seconds=seconds)) == ""
    for seconds in (-301, 301):
        assert "301 s from now" in objection(SIGNED_AT + timedelta(seconds=seconds))
    assert "fits" in objection(sent=b'{"test": 2432232315}')


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64!", "ä"])
def test_a_secret_that_cannot_be_one_is_told_of_at_the_start(secret):
    assert "base64" in SENDER.why_no_secret(secret)


def test_a_secret_with_or_without_its_prefix_is_one():
    assert SENDER.why_no_secret(STANDARD_SECRET) == ""
    assert SENDER.why_no_secret(STANDARD_SECRET.removeprefix("whsec_")) == ""


def test_its_types():
    assert SENDER.read(STANDARD)[0].key == SENDER.read(resolved("standard"))[0].key
    assert SENDER.read({"type": "user.created"}) == ()
