"""The state folder: locks that die with their holder, a token for its owner only."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gameday.domain.errors import StartError
from gameday.injector.state import TOKEN_VARIABLE, StateFolder, end_injector, read_token
from tests.gameday.injector.rig import until

HOLD = """
import sys, time
from pathlib import Path
from gameday.injector.state import StateFolder
lock = StateFolder(Path(sys.argv[1])).take("control")
print("held" if lock else "no", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path / "state")
    folder.prepare()
    return folder


def test_a_lock_is_released_by_kill_9(folder: StateFolder):
    argv = [sys.executable, "-c", HOLD, str(folder.folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert folder.is_held("control")
        assert folder.pid("control") == holder.pid
        assert folder.take("control", within_s=0.1) is None
        assert not folder.is_held("watchdog")
        os.kill(holder.pid, signal.SIGKILL)
    until(lambda: not folder.is_held("control"), "the kernel released it")
    assert folder.pid("control") is None
    assert folder.take("control") is not None


def test_the_token_is_made_once_for_its_owner_only(folder: StateFolder):
    token = folder.make_token()
    assert len(token) >= 32
    assert folder.make_token() == token == read_token(folder.folder)
    assert (folder.folder / "token").stat().st_mode & 0o777 == 0o600


def test_the_environment_overrides_the_token(folder: StateFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(TOKEN_VARIABLE, "mine")
    assert read_token(folder.folder) == "mine"


def test_no_token_is_an_error_with_a_next_step(tmp_path: Path):
    with pytest.raises(StartError, match="cannot be read") as caught:
        read_token(tmp_path)
    assert TOKEN_VARIABLE in caught.value.next_step


def test_a_folder_that_cannot_be_made_is_a_start_error(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="cannot be made"):
        StateFolder(tmp_path / "file" / "state").prepare()


def test_ending_what_does_not_run_is_done_at_once(folder: StateFolder, tmp_path: Path):
    assert end_injector(folder.folder)
    assert not folder.is_to_end()
    assert end_injector(tmp_path / "never")
