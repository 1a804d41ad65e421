"""The sink keeps what arrived before it says so, and loses nothing when it is killed."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from gameday.domain.alerts import Notification
from gameday.sources.sink import BYTES_MAX, sink_app

AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
BODY = {
    "version": "4",
    "groupKey": '{}:{alertname="A"}',
    "status": "firing",
    "receiver": "pager",
    "alerts": [
        {"status": "firing", "labels": {"alertname": "A", "severity": "page"}, "startsAt": "x"},
        {"status": "resolved", "labels": {"alertname": "B"}},
    ],
}


def asking(path, now=lambda: AT):
    transport = httpx.ASGITransport(sink_app(path, now))
    return httpx.AsyncClient(transport=transport, base_url="http://sink")


async def test_a_notification_is_on_disk_when_it_is_confirmed(tmp_path):
    file = tmp_path / "alerts" / "received.jsonl"
    async with asking(file) as http:
        answer = await http.post("/hook", json=BODY)
    assert (answer.status_code, answer.json()) == (202, {"kept": 1})
    kept = Notification.model_validate_json(file.read_text())
    assert (kept.receiver, kept.at) == ("pager", AT)
    assert [(a.alert, a.firing) for a in kept.alerts] == [("A", True), ("B", False)]


async def test_it_tells_what_came_since_a_moment_also_after_a_kill(tmp_path):
    file = tmp_path / "received.jsonl"
    async with asking(file) as http:
        await http.post("/", json=BODY)
    with file.open("ab") as torn:
        torn.write(b'{"at": "2026-')
    async with asking(file, lambda: AT + timedelta(seconds=5)) as http:
        await http.post("/", json=BODY | {"receiver": "mail"})
        every = (await http.get("/received")).json()
        since = (AT + timedelta(seconds=1)).isoformat()
        late = (await http.get("/received", params={"since": since})).json()
        assert (await http.get("/healthz")).json() == {"received": 2}
    assert [one["receiver"] for one in every] == ["pager", "mail"]
    assert [one["receiver"] for one in late] == ["mail"]
    assert len(file.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"hello", 400),
        (b'{"receiver": "pager"}', 400),
        (b'{"receiver": "pager", "alerts": [{"status": "firing", "labels": {}}]}', 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b" " * (BYTES_MAX + 1), 413),
    ],
)
async def test_what_is_no_notification_is_not_kept(tmp_path, content, status):
    file = tmp_path / "received.jsonl"
    async with asking(file) as http:
        answer = await http.post("/", content=content)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert file.read_text() == ""


async def test_a_moment_that_is_none_is_said_so(tmp_path):
    async with asking(tmp_path / "received.jsonl") as http:
        answer = await http.get("/received", params={"since": "yesterday"})
    assert answer.status_code == 400
    assert "'yesterday'" in answer.json()["error"]
