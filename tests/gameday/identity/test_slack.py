"""A press in Slack: by the documented vector, its window, and every field that it hangs on."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.proof import NotProvenError, Place
from gameday.domain.statement import Says, Statement
from gameday.identity.slack import Pressed, Slack, require_signed
from tests.gameday.identity.known import (
    APPROVE,
    DENY,
    NOW,
    SECRET,
    TEAM,
    press,
    pressed,
    slack_signature,
)

# Slack's own example, in "Verifying requests from Slack".
VECTOR = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
VECTORS_SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def shown(tmp_path, fields, statement=APPROVE, now=NOW):
    (tmp_path / "slack").write_text(SECRET)
    proof = Slack(secret="file:slack", team=TEAM)
    return await proof.shown(fields, statement, Place(tmp_path, now))


def test_the_documented_vector_is_signed():
    at = require_signed(VECTOR, "1531420618", VECTORS_SIGNATURE, SECRET)
    assert at == datetime(2018, 7, 12, 18, 36, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "timestamp", "signature", "secret"),
    [
        (VECTOR + b"x", "1531420618", VECTORS_SIGNATURE, SECRET),
        (VECTOR, "1531420619", VECTORS_SIGNATURE, SECRET),
        (VECTOR, "1531420618", VECTORS_SIGNATURE[:-1] + "4", SECRET),
        (VECTOR, "1531420618", VECTORS_SIGNATURE[3:], SECRET),
        (VECTOR, "1531420618", "", SECRET),
        (VECTOR, "1531420618", VECTORS_SIGNATURE, SECRET + "x"),
    ],
)
def test_everything_of_it_is_signed(body, timestamp, signature, secret):
    with pytest.raises(NotProvenError, match="not signed"):
        require_signed(body, timestamp, signature, secret)


async def test_a_press_shows_its_user(tmp_path):
    who = await shown(tmp_path, press(APPROVE).fields)
    assert (who.known_as, who.at) == (("U012AB3CD",), NOW)


@pytest.mark.parametrize(("seconds", "fresh"), [(-300, 1), (300, 1), (-301, 0), (301, 0)])
async def test_the_window_is_five_minutes_on_both_sides(tmp_path, seconds, fresh):
    fields = press(APPROVE, NOW + timedelta(seconds=seconds)).fields
    if fresh:
        await shown(tmp_path, fields)
        return
    with pytest.raises(NotProvenError, match="301 s from now"):
        await shown(tmp_path, fields)


async def test_a_yes_is_for_the_button_that_was_pressed(tmp_path):
    edited = APPROVE.model_copy(update={"digest": "d2"})
    for other in (DENY, edited):
        with pytest.raises(NotProvenError, match="says something else"):
            await shown(tmp_path, press(APPROVE).fields, other)


async def test_another_workspace_is_another(tmp_path):
    with pytest.raises(NotProvenError, match="workspace T999"):
        await shown(tmp_path, press(APPROVE, team="T999").fields)


@pytest.mark.parametrize(
    "body",
    [
        VECTOR,
        b"",
        b"payload=%7B",
        urlencode({"payload": '{"type": "view_submission"}'}).encode(),
        urlencode({"payload": '{"type": "block_actions", "actions": []}'}).encode(),
        pressed(APPROVE).replace(b"approve", b"applaud"),
    ],
)
async def test_what_is_signed_and_no_press_of_ours_says_nothing(tmp_path, body):
    seconds = int(NOW.timestamp())
    fields = {"timestamp": str(seconds), "signature": slack_signature(body, seconds)}
    with pytest.raises(NotProvenError):
        await shown(tmp_path, fields | {"body": body.decode()})


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_body_is_a_press_or_a_no(body):
    with pytest.raises(NotProvenError):
        Pressed.read(body)


def test_a_press_says_where_to_answer():
    answer = Statement(says=Says.ANSWER, digest="q1", run_id="RUN1", answer="off")
    read = Pressed.read(pressed(answer))
    assert read.statement == answer
    assert read.response_url.startswith("https://hooks.slack.com/actions/")


def test_what_people_may_be_known_by():
    proof = Slack(secret="env:S", team=TEAM)
    assert proof.why_not_known_as("U012AB3CD") == proof.why_not_known_as("W012AB3CD") == ""
    for text in ("@dana", "dana", "u012ab3cd", "", "T012AB3CD"):
        assert "expected a user's id" in proof.why_not_known_as(text)
