"""The watchdog: keeps one control process and gates alive, and takes them along when it ends."""

import contextlib
import os
import signal
import subprocess
import threading
import time

from gameday.domain.errors import StartError
from gameday.injector.journal import read_journal
from gameday.injector.kept_gate import KeptGate, StartedGates
from gameday.injector.settings import EXIT_HELD, InjectorSettings
from gameday.injector.state import StateFolder

_LOOK_EVERY_S = 0.1
_BETWEEN_STARTS_S = 0.5
_AFTER_BAD_START_S = 5.0  # a broken policy file does not mend within half a second
_HUNG_AFTER_S = 10.0  # without a beat; killed, it restores everything when it comes back
_END_WITHIN_S = 20.0
_BAD_START = 2


def run(settings: InjectorSettings) -> int:
    """Be the watchdog. Returns the exit code; raises StartError."""
    folder = StateFolder(settings.state)
    folder.prepare()
    taken = folder.take("watchdog") is not None
    if settings.revived:
        return _Watchdog(settings, folder).run() if taken else EXIT_HELD
    if not taken or folder.is_held("control"):
        raise StartError(
            f"an injector already runs with the state folder {settings.state}",
            next_step="end it first, or choose another folder with --state",
        )
    folder.forget_ending()
    return _Watchdog(settings, folder).run()


class _Watchdog:
    def __init__(self, settings: InjectorSettings, folder: StateFolder) -> None:
        self._settings = settings
        self._folder = folder
        self._signalled = threading.Event()
        self._control: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._started_s = 0.0
        self._beat = 0
        self._beat_seen_s = 0.0
        self._started_gates = StartedGates(folder.started_gates)
        self._gates = [KeptGate(file, self._started_gates) for file in settings.kept_gates]

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self._signalled.set())
        while not self._is_to_end():
            if self._is_bad_start():
                self._end_gates()
                return _BAD_START
            for gate in self._gates:
                gate.revive()
            self._revive_control()
            self._kill_hung_control()
            self._signalled.wait(_LOOK_EVERY_S)
        return self._end()

    def _is_to_end(self) -> bool:
        supervisor = self._settings.supervisor
        if self._signalled.is_set() or (supervisor is not None and not supervisor.lives()):
            self._folder.ask_to_end()
        return self._folder.is_to_end()

    def _is_bad_start(self) -> bool:
        """Whether the very first control process could not start; it has said why."""
        first = self._starts == 1 and not self._settings.revived
        return first and self._control is not None and self._control.poll() == _BAD_START

    def _revive_control(self) -> None:
        if self._control is not None and self._control.poll() is None:
            return  # it may be about to take its lock
        if self._folder.is_held("control"):
            return
        bad_start = self._control is not None and self._control.poll() == _BAD_START
        pause_s = _AFTER_BAD_START_S if bad_start else _BETWEEN_STARTS_S
        if not self._starts or time.monotonic() > self._started_s + pause_s:
            self._start_control()

    def _kill_hung_control(self) -> None:
        """A process that lives and does not turn lets no lease run out: worse than a dead one."""
        pid = self._folder.pid("control")
        beat = self._folder.last_beat()
        if pid is None or beat != self._beat:
            self._beat, self._beat_seen_s = beat, time.monotonic()
        elif time.monotonic() > self._beat_seen_s + _HUNG_AFTER_S:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self._beat_seen_s = time.monotonic()

    def _start_control(self) -> None:
        revived = self._settings.revived or self._starts > 0
        self._control = self._settings.start("control", revived=revived)
        self._starts += 1
        self._started_s = time.monotonic()

    def _end(self) -> int:
        """Wait for the control process to restore everything; if it died meanwhile, once more."""
        ended = self._wait_for_control()
        if ended and read_journal(self._folder.journal).outstanding:
            self._start_control()  # the mark to end is there: it restores and ends
            ended = self._wait_for_control()
        if not ended and self._control is not None:
            self._control.kill()
            self._control.wait()
        self._end_gates()
        self._folder.forget_address()
        self._folder.forget_ending()
        return 1 if read_journal(self._folder.journal).outstanding else 0

    def _end_gates(self) -> None:
        """Last: whatever they held is let go of by then."""
        for gate in self._gates:
            gate.ask_to_end()
        for gate in self._gates:
            gate.wait_for_end()
        self._started_gates.forget()

    def _wait_for_control(self) -> bool:
        give_up = time.monotonic() + _END_WITHIN_S
        while time.monotonic() < give_up:
            ours = self._control is not None and self._control.poll() is None
            if not ours and not self._folder.is_held("control"):
                return True
            time.sleep(_LOOK_EVERY_S / 2)
        return False
