"""Every sender's deliveries: kept once, refused when forged, large or strange, never half kept."""

import copy
from datetime import timedelta

import httpx
import pytest

from gameday.serve.inbox import Inbox
from gameday.serve.receiver import BYTES_MAX, receiver_app
from tests.gameday.serve.told import (
    ALERTMANAGER,
    AT,
    BODIES,
    KINDS,
    believed,
    content,
    resolved,
    signed,
)


@pytest.fixture
def inbox(tmp_path):
    made = Inbox(tmp_path / "serve" / "inbox.db")
    yield made
    made.close()


def asking(inbox, now=lambda: AT):
    app = receiver_app({kind: believed(kind) for kind in KINDS}, inbox, now=now)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://serve")


async def post(inbox, kind, sent, headers=None, now=lambda: AT):
    async with asking(inbox, now) as http:
        given = signed(kind, sent) if headers is None else headers
        return await http.post(f"/{kind}", content=sent, headers=given)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_delivery_is_on_disk_when_it_is_confirmed_and_once_however_often_told(inbox, kind):
    sent = content(BODIES[kind])
    for _ in range(3):
        answer = await post(inbox, kind, sent)
        assert (answer.status_code, answer.json()) == (202, {"alerts": 1})
    assert (await post(inbox, kind, content(resolved(kind)))).status_code == 202
    again = Inbox(inbox.file)  # as after a crash
    kept = again.waiting()
    again.close()
    assert [(one.sender, one.occurrence.firing) for one in kept] == [(kind, True), (kind, False)]
    assert kept[0].occurrence.key == kept[1].occurrence.key
    assert kept[0].received_at == AT


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_forged_is_not_believed(inbox, kind):
    sent = content(BODIES[kind])
    other = "whsec_" + "A" * 32 if kind == "standard" else "another secret"
    for headers in ({}, signed(kind, sent, secret=other)):
        answer = await post(inbox, kind, sent, headers)
        assert answer.status_code == 401
        assert answer.json()["error"].startswith("not believed: ")
    assert inbox.last(9) == []


@pytest.mark.parametrize("kind", ["grafana", "pagerduty", "standard"])
async def test_one_byte_more_than_was_signed_is_not_believed(inbox, kind):
    sent = content(BODIES[kind])
    assert (await post(inbox, kind, sent + b" ", signed(kind, sent))).status_code == 401


async def test_a_replay_after_its_window_is_not_believed(inbox):
    sent = content(BODIES["standard"])
    late = await post(inbox, "standard", sent, now=lambda: AT + timedelta(minutes=6))
    assert late.status_code == 401
    assert "a replay" in late.json()["error"]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_too_large_is_refused_and_the_largest_is_not(inbox, kind):
    sent = content(BODIES[kind])
    largest = sent + b" " * (BYTES_MAX - len(sent))
    assert (await post(inbox, kind, largest)).status_code == 202
    assert (await post(inbox, kind, largest + b" ")).status_code == 413


def with_alert(**changed):
    body = copy.deepcopy(ALERTMANAGER)
    body["alerts"][0] |= changed
    return content(body)


STRANGE = {
    "text": b"hello",
    "not UTF-8": b"\xff",
    "a list": b"[]",
    "nothing": b"{}",
    "no alerts": content({"version": "4"}),
    "deep": b"[" * 200_000,
    "a number of many digits": b"1" * 100_000,
    "an unknown status": with_alert(status="pending"),
    "no moment": with_alert(startsAt="yesterday"),
    "a moment without a zone": with_alert(startsAt="2026-01-05T02:00:00"),
    "a label that is a number": with_alert(labels={"alertname": 1}),
    "half a surrogate": with_alert(labels={"alertname": "\ud800"}),
}


@pytest.mark.parametrize("name", list(STRANGE))
async def test_what_is_not_the_senders_form_is_not_kept(inbox, name):
    answer = await post(inbox, "alertmanager", STRANGE[name])
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"].startswith("not understood: ")
    assert inbox.last(9) == []


async def test_a_delivery_with_one_strange_alert_is_not_half_kept(inbox):
    body = copy.deepcopy(ALERTMANAGER)
    body["alerts"].append(body["alerts"][0] | {"fingerprint": "other", "startsAt": "never"})
    assert (await post(inbox, "alertmanager", content(body))).status_code == 400
    assert inbox.last(9) == []


async def test_who_is_not_named_in_the_file_is_not_here(inbox):
    assert (await post(inbox, "opsgenie", b"{}", {})).status_code == 404


async def test_what_the_disk_does_not_take_is_told_again_by_its_sender(inbox):
    inbox.close()
    answer = await post(inbox, "alertmanager", content(ALERTMANAGER))
    assert answer.status_code == 503
    assert "inbox.db cannot be used" in answer.json()["error"]


async def test_it_says_how_many_wait(inbox):
    async with asking(inbox) as http:
        assert (await http.get("/healthz")).json() == {"waiting": 0}
        sent = content(ALERTMANAGER)
        await http.post("/alertmanager", content=sent, headers=signed("alertmanager", sent))
        assert (await http.get("/healthz")).json() == {"waiting": 1}
