"""Who lives is told by a lock that the kernel frees, however its holder died."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from gameday.supervisor.locks import holder, is_held

HOLD = """
import fcntl, os, sys, time
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.write(str(os.getpid()))
lock.flush()
print("held", flush=True)
time.sleep(60)
"""


def test_held_until_its_holder_dies(tmp_path: Path):
    lock = tmp_path / "gate.yaml.lock"
    assert not is_held(lock)
    assert holder(lock) is None
    argv = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert is_held(lock)
        assert holder(lock) == process.pid
        os.kill(process.pid, signal.SIGKILL)
    give_up = time.monotonic() + 10
    while is_held(lock):
        assert time.monotonic() < give_up, "the kernel has not freed it"
        time.sleep(0.01)
    assert holder(lock) is None, "what a dead process wrote is no holder"
