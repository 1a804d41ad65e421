"""What is run after a change of the corpus ends well only where the assistant did its part."""

import subprocess
import sys

import pytest

from gameday.supervisor.ports import free_port
from lab.reindex import reindex
from tests.lab.practice_lab import RunningLab


def run(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lab.reindex", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_it_says_which_index_is_served(lab: RunningLab) -> None:
    url = lab.state.front_door.removesuffix("/v1") + "/admin/index"
    ran = run(url)
    assert ran.returncode == 0
    assert lab.http.get(url).json()["index"] in ran.stdout


def test_an_assistant_that_says_no_is_a_failure(lab: RunningLab) -> None:
    ran = run(lab.state.front_door + "/nothing")
    assert ran.returncode == 1
    assert "status 404" in ran.stderr


def test_an_assistant_that_is_down_may_be_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{free_port()}/admin/index"
    assert reindex(url) == 75
    assert url in capsys.readouterr().err
