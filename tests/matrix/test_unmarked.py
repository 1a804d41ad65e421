"""A fault for the drill's own requests that reaches others through a shared breaker is ended."""

import json
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from gameday.catalog.files import load_target
from tests.matrix.command import run_drill

BODY = {"model": "assistant", "messages": [{"role": "user", "content": "How do I pay?"}]}
PER_S = 8.0


@contextmanager
def others(state: Path):
    """Unmarked requests at the lab's front door, from when there is one."""
    ended = threading.Event()

    def ask() -> None:
        target = state / "lab" / "gameday.yaml"
        while not ended.wait(0.2):
            if target.exists():
                break
        time.sleep(1.0)  # the file is written before the front door listens
        door = load_target(target).environments["lab"].front_door
        with httpx.Client(trust_env=False, timeout=10) as http:
            while not ended.wait(1 / PER_S):
                with suppress(httpx.HTTPError):  # whoever asks before or after there is a lab
                    http.post(f"{door}/chat/completions", json=BODY)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        ended.set()
        asking.join(30)


@pytest.mark.matrix
@pytest.mark.timeout(240)
def test_a_marked_fault_that_moves_others_ends_the_drill(tmp_path: Path):
    with others(tmp_path / "state"):
        ended = run_drill(tmp_path, "auth-masks-outage", "windows.baseline=15s")
    record = json.loads(next((tmp_path / "runs").glob("*/record.json")).read_text())
    assert record["stop"]["by"] == "guard", ended.sentences
    assert "unmarked traffic shifted: primary's share fell from" in record["stop"]["reason"]
    assert "through a shared cooldown" in record["stop"]["reason"]
    assert ended.document["verdict"] in ("aborted", "failed", "inconclusive")
    assert ended.document["faults"][0]["cleared_by"] == "restore"
    assert ended.document["windows"]["faulted"]["seconds"] < 25
