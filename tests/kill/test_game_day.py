"""A game day goes on with another worker when its own is killed in the midst of a drill."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from gameday.store.game_days import read_game_day
from gameday.supervisor.child import Child
from gameday.supervisor.game_days import start_day
from tests.gameday.cli.test_game_day import _until
from tests.workflows.game_day_rig import connected, dev_server, request_of

ROOT = Path(__file__).resolve().parents[2]


def worker(folder, address, name):
    argv = [sys.executable, "-m", "tests.kill.day_worker", address, str(folder / "state"), "day",
            str(folder / "hangs")]  # fmt: skip
    child = Child(name, argv, log=folder / f"{name}.log")
    child.start({"PYTHONPATH": str(ROOT)})
    return child


def test_a_day_whose_worker_is_killed_goes_on_where_it_was(tmp_path):
    (tmp_path / "hangs").touch()
    request, runs = request_of(tmp_path), tmp_path / "runs"
    with dev_server(tmp_path / "temporal") as address:

        async def start():
            await start_day(await connected(address), request, "KILL", "day")

        first = worker(tmp_path, address, "first")
        try:
            asyncio.run(start())
            _until((tmp_path / "hangs.began").exists)
            os.kill(first.pid, signal.SIGKILL)
        finally:
            first.stop()
        assert read_game_day(runs / "KILL").ended_at is None
        (tmp_path / "hangs").unlink()
        second = worker(tmp_path, address, "second")
        try:
            _until(lambda: read_game_day(runs / "KILL").ended_at)
        finally:
            second.stop()
    day = read_game_day(runs / "KILL")
    assert (day.verdict, [drill.run_id for drill in day.drills]) == (
        "passed", ["KILL-1", "KILL-2"],
    )  # fmt: skip
