"""One client at work: a process on the measured core, and what it has cost so far."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import cores
from bench.processes import cpu_s
from gameday.domain.errors import StartError

_LOOK_S = 0.02
_BEAT_S = 1.0


class ClientFailedError(StartError):
    """A client gave up by itself, and said so by its exit code."""


@dataclass(frozen=True)
class Command:
    """A program and its arguments. beats: it ends when nobody writes to its standard input."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    beats: bool = False


class Running:
    """A process that was started here, and is ended by its own id."""

    def __init__(self, command: Command, folder: Path) -> None:
        self.command = command
        self._said = folder / f"{command.name}.out"
        self._complained = folder / f"{command.name}.err"
        self._beaten_s = 0.0
        with self._said.open("wb") as out, self._complained.open("wb") as err:
            self._process = subprocess.Popen(
                command.argv,
                stdin=subprocess.PIPE if command.beats else subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, **command.env},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_s(self) -> float:
        return cpu_s(self._process.pid)

    def ended(self) -> bool:
        """Whether it has ended; writes a beat when one is due."""
        now_s = time.monotonic()
        if self._process.stdin is not None and now_s > self._beaten_s + _BEAT_S:
            self._beaten_s = now_s
            try:
                os.write(self._process.stdin.fileno(), b".")
            except BrokenPipeError:
                return self._process.wait() is not None
        return self._process.poll() is not None

    def pause(self, lasts_s: float) -> None:
        """Let it work for so long. Raises StartError when it ends meanwhile."""
        until_s = time.monotonic() + lasts_s
        while (left_s := until_s - time.monotonic()) > 0:
            if self.ended():
                raise StartError(f"{self.command.name} ended too early: {self._last_words()}")
            time.sleep(min(left_s, 10 * _LOOK_S))

    def result(self, *, within_s: float) -> str:
        """What it has said on its standard output by its end.

        Raises ClientFailedError when it fails, StartError when it does not end.
        """
        until_s = time.monotonic() + within_s
        while not self.ended():
            if time.monotonic() > until_s:
                raise StartError(f"{self.command.name} did not end within {within_s:g} s")
            time.sleep(_LOOK_S)
        if self._process.returncode != 0:
            raise ClientFailedError(f"{self.command.name} failed: {self._last_words()}")
        return self._said.read_text()

    def end(self) -> None:
        """Whatever it does. Repeatable."""
        if self._process.poll() is None:
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _last_words(self) -> str:
        lines = self._complained.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self._process.returncode}, and not a word"


@contextmanager
def running(command: Command, where: cores.Cores, folder: Path) -> Iterator[Running]:
    """Started on the measured core; it has ended when the block has."""
    folder.mkdir(parents=True, exist_ok=True)
    with cores.on(where.measured):
        one = Running(command, folder)
    cores.put_ahead(one.pid, where.nice)
    try:
        yield one
    finally:
        one.end()
