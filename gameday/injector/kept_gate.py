"""Keeps the process of one gate alive: the watchdog's second charge.

Traffic goes through a gate, so a new one must be there within a second, and it must outlive the
watchdog: who started it is written down, for the watchdog that ends it may be another one.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from gameday.supervisor.locks import holder, is_held

_BETWEEN_STARTS_S = 0.5
_AFTER_BAD_START_S = 5.0  # a broken gate file does not mend within half a second
_ENDS_WITHIN_S = 25.0  # longer than a gate lets what is under way go on, unless told otherwise
_LOOK_EVERY_S = 0.05
_BAD_START = 2


class StartedGates:
    """Which gates were started here, and not by somebody else: by gate file, with process id."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def note(self, gate: Path, pid: int) -> None:
        """pid: 0 before it is known, so that a watchdog killed just then leaves no orphan."""
        self._write({**self._read(), str(gate): pid})

    def pid(self, gate: Path) -> int | None:
        return self._read().get(str(gate))

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)

    def _read(self) -> dict[str, int]:
        try:
            return {str(gate): int(pid) for gate, pid in json.loads(self._file.read_text()).items()}
        except FileNotFoundError:
            return {}

    def _write(self, started: dict[str, int]) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(started))
        beside.rename(self._file)


class KeptGate:
    """One gate file whose process must run."""

    def __init__(self, file: Path, started: StartedGates) -> None:
        self._file = file
        self._lock = file.with_name(f"{file.name}.lock")
        self._started = started
        self._process: subprocess.Popen[bytes] | None = None
        self._started_s = 0.0

    def revive(self) -> None:
        """Start it when no process has its lock."""
        if self._process is not None and self._process.poll() is None:
            return  # it may be about to take its lock
        if is_held(self._lock):
            return
        bad_start = self._process is not None and self._process.returncode == _BAD_START
        pause_s = _AFTER_BAD_START_S if bad_start else _BETWEEN_STARTS_S
        if self._process is None or time.monotonic() > self._started_s + pause_s:
            self._start()

    def _start(self) -> None:
        self._started.note(self._file, 0)
        # In a session of its own, and without --with-parent: traffic must not end with us.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gameday.gate", "--config", str(self._file)],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._started.note(self._file, self._process.pid)
        self._started_s = time.monotonic()

    def ask_to_end(self) -> None:
        """Ask its process to end, if it was started here, by this watchdog or an earlier one."""
        if (pid := self._ours()) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def wait_for_end(self) -> None:
        """Wait until it has ended, and insist."""
        give_up = time.monotonic() + _ENDS_WITHIN_S
        while (pid := self._ours()) is not None:
            if time.monotonic() > give_up:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_LOOK_EVERY_S)

    def _ours(self) -> int | None:
        """The id of its process while that runs and was started here."""
        if self._process is not None and self._process.poll() is None:
            return self._process.pid  # with its lock, or still about to take it
        pid = holder(self._lock)
        return pid if self._started.pid(self._file) in (pid, 0) else None
