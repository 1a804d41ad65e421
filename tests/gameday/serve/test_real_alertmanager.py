"""A real Alertmanager tells, again and again, of what begins and ends; each is kept once."""

import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_port
from gameday.supervisor.programs import alertmanager_server
from tests.gameday.injector.rig import until
from tests.gameday.serve.served import TOKEN, Served, folder_of

PATIENCE_S = 60


@pytest.fixture
def served(tmp_path):
    made = Served(folder_of(tmp_path))
    yield made
    made.stop()


@pytest.fixture
def alertmanager(tmp_path, served):
    port = free_port()
    authorization = {"type": "Bearer", "credentials": TOKEN}
    hook = {
        "url": f"{served.url}/alertmanager",
        "send_resolved": True,
        "http_config": {"authorization": authorization},
    }
    waits = {"group_wait": "100ms", "group_interval": "1s", "repeat_interval": "1s"}
    config = {
        "route": {"receiver": "gameday", "group_by": ["alertname"], **waits},
        "receivers": [{"name": "gameday", "webhook_configs": [hook]}],
    }
    file = tmp_path / "alertmanager.yml"  # JSON is YAML, too
    file.write_text(json.dumps(config))
    argv = [
        alertmanager_server(), f"--config.file={file}", f"--storage.path={tmp_path / 'am'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    child = Child("alertmanager", argv, log=tmp_path / "alertmanager.log")
    child.start()
    url = f"http://127.0.0.1:{port}"
    child.wait_ready(lambda: _ready(url), within_s=PATIENCE_S)
    yield url
    child.stop()


def _ready(url):
    try:
        return httpx.get(f"{url}/-/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


def ring(url, name, began_at, ended_at=None):
    alert = {"labels": {"alertname": name, "severity": "page"}, "startsAt": began_at.isoformat()}
    if ended_at:
        alert["endsAt"] = ended_at.isoformat()
    httpx.post(f"{url}/api/v2/alerts", json=[alert], trust_env=False).raise_for_status()


@pytest.mark.timeout(240)
def test_it_is_believed_and_each_beginning_and_end_is_kept_once(alertmanager, served):
    began_at = datetime.now(UTC) - timedelta(seconds=1)
    ring(alertmanager, "DrillDue", began_at)
    until(lambda: len(served.kept()) == 1, "the beginning", PATIENCE_S)
    time.sleep(3)  # in which it is told again
    ring(alertmanager, "DrillDue", began_at, datetime.now(UTC))
    until(lambda: len(served.kept()) == 2, "the end", PATIENCE_S)
    began, ended = served.kept()
    assert (began.occurrence.firing, ended.occurrence.firing) == (True, False)
    assert began.occurrence.key == ended.occurrence.key
    assert began.occurrence.labels == {"alertname": "DrillDue", "severity": "page"}
    assert abs(began.occurrence.began_at - began_at) < timedelta(seconds=1)
    assert "what comes is kept" in served.log.read_text()  # no Temporal answers here
