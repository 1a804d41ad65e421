"""Commands that a dead process has left are ended; those of the living, and others', are not."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gameday.components._orphans import VARIABLE, end_orphans, mark
from gameday.components._process import Shell

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux alone tells")
SLEEP = [sys.executable, "-c", "import time; print('now', flush=True); time.sleep(60)"]
# Starts a command through the real thing, with a child of its own, and waits to be killed.
PARENT = """
import asyncio
from pathlib import Path
from gameday.components._process import Shell

print("began", flush=True)
asyncio.run(Shell(Path("."), 60).run(["sh", "-c", "sleep 60; true"]))
"""


def sleeper(carries: str | None) -> "subprocess.Popen[str]":
    environment = {**os.environ, **({} if carries is None else {VARIABLE: carries})}
    process = subprocess.Popen(SLEEP, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "now\n"
    return process


def carrying(pid: int) -> list[int]:
    """The processes whose mark names this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"/{pid}/".encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_what_a_killed_process_has_left_is_ended_with_all_that_it_started():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"began\n"
        give_up = time.monotonic() + 20
        while len(left := carrying(parent.pid)) < 2 and time.monotonic() < give_up:
            time.sleep(0.02)
        assert len(left) == 2
        assert not set(end_orphans()) & set(left), "their process lives"
        parent.kill()
    assert set(left) <= set(end_orphans())
    assert carrying(parent.pid) == []
    assert not set(end_orphans()) & set(left)


@pytest.mark.parametrize("whose", ["the living", "another container's", "nobody's", "nonsense"])
def test_what_is_no_orphan_is_left_alone(whose: str):
    other = mark().replace("pid:", "pid:1")
    carries = {"the living": mark(), "another container's": other, "nonsense": "x"}.get(whose)
    with sleeper(carries) as process:
        assert process.pid not in end_orphans()
        assert process.poll() is None
        process.kill()


async def test_every_command_carries_the_mark():
    argv = [sys.executable, "-c", f"import os; print(os.environ['{VARIABLE}'])"]
    printed = await Shell(Path(), 20).good(argv)
    assert printed.decode().strip() == mark()
    await asyncio.sleep(0)
