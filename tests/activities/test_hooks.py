"""A hook that signs: what a watch tells is an alert to `gameday serve`, from begin to end."""

import asyncio
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import uvicorn
from pydantic import ValidationError

from activities.hooks import give, require_hook
from gameday.domain.errors import StartError
from gameday.domain.hook import Hook
from gameday.domain.standing import Alarm, Notice, Standing
from gameday.domain.watch import Watch
from gameday.reporting.watched import Facts, notice_document
from gameday.serve.inbox import Inbox
from gameday.serve.receiver import receiver_app
from gameday.supervisor.ports import free_port
from tests.gameday.serve.told import STANDARD_SECRET, believed

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
CHANGED = f"changed {AT.isoformat()}"
OUTSIDE = f"outside {AT.isoformat()}"


@contextmanager
def served(app):
    """A real server of the receiver."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/watch"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def inbox(tmp_path):
    made = Inbox(tmp_path / "inbox.db")
    yield made
    made.close()


@pytest.fixture
def receiver(inbox):
    with served(receiver_app({"watch": believed("standard")}, inbox)) as url:
        yield url


def notice(kind, *alarms):
    return Notice(notice=f"t1 {kind}", kind=kind, at=AT, alarms=alarms)


@pytest.fixture
def document(tmp_path):
    watch = Watch(target="shop", environment="staging", target_file=str(tmp_path / "gameday.yaml"))
    alarm = Alarm(at=AT, began=AT, tick=1, seen=1, took=1, requests=9, tokens=9, evidence=9,
                  sentence="they differ")  # fmt: skip
    facts = Facts(watch=watch, standing=Standing(changed=alarm, ticks=2))
    return lambda *told: notice_document(notice(*told), facts)


def hook(url, secret="STANDARD"):
    return Hook.model_validate({"post": url, "sign": f"env:{secret}"})


async def test_each_alarm_is_one_alert_that_begins_and_ends(
    receiver, inbox, document, tmp_path, monkeypatch
):
    monkeypatch.setenv("STANDARD", STANDARD_SECRET)
    for told in (("changed", CHANGED), ("outside", OUTSIDE), ("accepted", CHANGED, OUTSIDE)):
        assert await give(hook(receiver), tmp_path, document(*told)) == ""
    kept = [(one.occurrence.key, one.occurrence.firing) for one in inbox.last(9)]
    first, second = f"shop.staging {CHANGED}", f"shop.staging {OUTSIDE}"
    assert kept == [(first, True), (second, True), (first, False), (second, False)]
    labels = inbox.last(9)[1].occurrence.labels
    assert labels == {
        "alertname": "GamedayWatchOutside",
        "alarm": "outside",
        "target": "shop",
        "environment": "staging",
        "watch": "shop.staging",
    }


async def test_what_is_no_alarm_is_taken_and_starts_nothing(
    receiver, inbox, document, tmp_path, monkeypatch
):
    monkeypatch.setenv("STANDARD", STANDARD_SECRET)
    ended = {"notice": "run 7Q2K", "kind": "drill", "at": AT.isoformat()}
    for told in (document("inside"), document("gone"), ended):
        assert await give(hook(receiver), tmp_path, told) == ""
    assert inbox.last(9) == []


async def test_what_is_signed_with_another_secret_is_refused_in_words(
    receiver, document, tmp_path, monkeypatch
):
    monkeypatch.setenv("STANDARD", "whsec_YW5vdGhlciBzZWNyZXQ=")
    why = await give(hook(receiver), tmp_path, document("changed", CHANGED))
    assert why == f"{receiver} answers 401"


def test_what_cannot_sign_is_told_of_before_anybody_relies_on_it(tmp_path, monkeypatch):
    monkeypatch.setenv("STANDARD", "not base64!")
    with pytest.raises(StartError, match="it is not whsec_ and base64"):
        require_hook(hook("http://127.0.0.1:1/watch"), tmp_path)
    monkeypatch.setenv("STANDARD", STANDARD_SECRET)
    require_hook(hook("http://127.0.0.1:1/watch"), tmp_path)


def test_a_command_signs_nothing():
    with pytest.raises(ValidationError, match="key and sign belong to post"):
        Hook.model_validate({"command": ["./page"], "sign": "env:STANDARD"})


async def test_one_that_is_down_is_a_sentence(document, tmp_path, monkeypatch):
    monkeypatch.setenv("STANDARD", STANDARD_SECRET)
    url = f"http://127.0.0.1:{free_port()}/watch"
    async with asyncio.timeout(60):
        why = await give(hook(url), tmp_path, document("changed", CHANGED))
    assert why.startswith(f"{url} does not answer: ")
