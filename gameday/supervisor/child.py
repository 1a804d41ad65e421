"""One child process of ours, in a session of its own so that Ctrl-C reaches us first.

A child asks the kernel to be told when its parent dies (Linux); elsewhere our own programs
notice it by `leave_with_parent`. So a parent killed with -9 leaves no orphan for long.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gameday.domain.errors import StartError

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: dlopen in a forked child of a threaded parent may deadlock.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A process that was started here and is ended by its own id, never by name."""

    def __init__(self, name: str, argv: Sequence[str], *, log: Path) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, env: Mapping[str, str] | None = None) -> None:
        """Start it. Raises StartError when the program is not there."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_die_with_parent,  # noqa: PLW1509 - one call, loaded before the fork
                    env={**os.environ, **(env or {})},
                )
            except OSError as error:
                raise StartError(
                    f"{self.name} could not be started: {error.strerror} ({self.argv[0]})"
                ) from error

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.poll()

    def wait_ready(self, ready: Callable[[], bool], *, within_s: float) -> None:
        """Wait until `ready()`. Raises StartError, with the log's end, if it exits or is late."""
        give_up = time.monotonic() + within_s
        while not ready():
            if self.exit_code() is not None:
                raise StartError(f"{self.name} ended while starting: {self.last_words()}")
            if time.monotonic() > give_up:
                raise StartError(
                    f"{self.name} was not ready within {within_s:g} s: {self.last_words()}",
                    next_step=f"read {self.log}",
                )
            time.sleep(0.02)

    def stop(self, *, grace_s: float = 5.0) -> None:
        """Ask it to end, wait, and insist. Repeatable."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """Kill it with -9, as a test or a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def last_words(self, lines: int = 3) -> str:
        with contextlib.suppress(OSError):
            said = self.log.read_text(errors="replace").strip().splitlines()
            return " / ".join(line.strip() for line in said[-lines:]) or "it said nothing"
        return "it said nothing"


def leave_with_parent(leave: Callable[[], None], *, check_every_s: float = 0.5) -> None:
    """Call `leave` once, from a thread, when the process that started us is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(check_every_s)
        leave()

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()
