"""Slack's door: only what Slack has signed just now is read, and each press is answered in time."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from gameday.catalog.files import load_serving
from gameday.domain.errors import FileError
from gameday.domain.serving import SlackDoor
from gameday.domain.statement import Statement
from gameday.identity.slack import SIGNATURE, TIMESTAMP
from gameday.serve.inbox import Inbox
from gameday.serve.receiver import receiver_app
from gameday.serve.slack_door import BYTES_MAX, SlackPresses
from tests.activities.slack_stand_in import slack
from tests.gameday.identity.known import APPROVE, NOW, SECRET, pressed, slack_signature
from tests.gameday.injector.rig import until
from tests.gameday.serve.served import SERVE, TOKEN, Served, folder_of


class Taken:
    """What was given on, and what it says came of it."""

    def __init__(self) -> None:
        self.taken: list[tuple[Statement, dict[str, str]]] = []
        self.lines: list[str] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self, statement, press):
        await self.goes_on.wait()
        self.taken.append((statement, press.fields))
        return "approve by dana: approved", {"text": "approved by dana", "blocks": []}


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def at(tmp_path: Path, taken: Taken):
    """A way to press, as Slack would; what answers is the whole receiver."""
    inbox = Inbox(tmp_path / "inbox.db")
    door = SlackDoor(secret="env:S", answers_to="http://127.0.0.1")
    presses = SlackPresses(door, SECRET, taken, taken.lines.append, now=lambda: NOW)
    app = receiver_app({}, inbox, beside=[presses.route()])

    async def post(body: bytes, when=NOW, **changes):
        seconds = int(when.timestamp())
        headers = {
            TIMESTAMP: str(seconds),
            SIGNATURE: slack_signature(body, seconds),
            "content-type": "application/x-www-form-urlencoded",
        }
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://serve")
        async with http:
            return await http.post("/slack", content=body, headers=headers | changes)

    yield post
    inbox.close()


def body_answered_at(url: str) -> bytes:
    slacks = quote("https://hooks.slack.com/actions/T012AB3CD/1/abc", safe="")
    return pressed(APPROVE).replace(slacks.encode(), quote(url, safe="").encode())


async def test_a_press_is_given_on_as_it_came_and_what_came_of_it_is_written_back(at, taken):
    with slack() as here:
        body = body_answered_at(f"{here.url}/actions/1")
        answer = await at(body)
        assert (answer.status_code, answer.content) == (200, b"")
        assert here.messages == [("/actions/1", {"text": "approved by dana", "blocks": []})]
    ((statement, fields),) = taken.taken
    assert statement == APPROVE
    assert fields["body"].encode() == body
    assert taken.lines == ["slack  run RUN1: approve by dana: approved"]


@pytest.mark.parametrize(
    "changes", [{SIGNATURE: "v0=00"}, {TIMESTAMP: "1"}, {SIGNATURE: ""}, {TIMESTAMP: "soon"}]
)
async def test_what_slack_has_not_signed_is_not_read(at, taken, changes):
    assert (await at(pressed(APPROVE), **changes)).status_code == 401
    assert not taken.taken


@pytest.mark.parametrize(("seconds", "status"), [(-300, 200), (300, 200), (-301, 401), (301, 401)])
async def test_the_window_is_five_minutes_on_both_sides(at, taken, seconds, status):
    answer = await at(pressed(APPROVE), NOW + timedelta(seconds=seconds))
    assert (answer.status_code, len(taken.taken)) == (status, status == 200)


async def test_what_is_signed_and_no_press_of_ours_is_a_400(at, taken):
    assert (await at(b"token=x&command=%2Fgameday")).status_code == 400
    assert not taken.taken


async def test_a_body_that_is_too_large_is_not_read_to_its_end(at, taken):
    assert (await at(b"x" * (BYTES_MAX + 1))).status_code == 413
    assert not taken.taken


async def test_slack_does_not_wait_for_a_run_that_is_slow(at, taken, monkeypatch):
    monkeypatch.setattr("gameday.serve.slack_door._TO_ANSWER_S", 0.05)
    taken.goes_on.clear()
    with slack() as here:
        assert (await at(body_answered_at(f"{here.url}/actions/1"))).status_code == 200
        assert not here.messages
        taken.goes_on.set()
        for _ in range(1000):
            if here.messages:
                break
            await asyncio.sleep(0.01)
        assert len(here.messages) == 1


async def test_an_address_that_is_not_slacks_is_written_to_by_nobody(at, taken):
    assert (await at(pressed(APPROVE))).status_code == 200
    assert "nothing is written back" in taken.lines[-1]


def test_the_file_says_that_buttons_are_heard(tmp_path):
    """The command as people start it, where no Temporal answers."""
    folder = folder_of(tmp_path, SERVE + 'slack: {secret: "file:token"}\n')
    served = Served(folder)
    try:
        body, seconds = pressed(APPROVE), int(time.time())
        headers = {TIMESTAMP: str(seconds), SIGNATURE: slack_signature(body, seconds, TOKEN)}
        heard = httpx.post(f"{served.url}/slack", content=body, headers=headers, timeout=30)
        assert heard.status_code == 200
        until(lambda: "run RUN1: not counted" in served.log.read_text(), "the press is told of")
        forged = httpx.post(f"{served.url}/slack", content=body, headers={}, timeout=30)
        assert forged.status_code == 401
    finally:
        served.stop()


def test_a_sender_does_not_take_slacks_place(tmp_path):
    spoilt = SERVE.replace("  grafana:", "  slack:") + 'slack: {secret: "file:token"}\n'
    with pytest.raises(FileError, match="/slack is where buttons are heard"):
        load_serving(folder_of(tmp_path, spoilt) / "serve.yaml")
