"""The state folder of one injector: its journal, token, locks, and the mark that it is to end.

Who lives is told by locks that the kernel releases when a process dies, however it dies; process
ids can come back as somebody else's.
"""

import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import Literal

from gameday.domain.errors import StartError

TOKEN_VARIABLE = "GAMEDAY_INJECTOR_TOKEN"  # noqa: S105 - the name of a variable, not a token

Role = Literal["control", "watchdog"]


class Lock:
    """A lock that lives as long as this process, at most."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        os.close(self._descriptor)


class StateFolder:
    """What the control process, its watchdog and the sweep share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "undo.jsonl"
        self.started_gates = folder / "gates.json"
        self._address = folder / "injector.json"
        self._ending = folder / "ending"

    def prepare(self) -> None:
        """Make the folder. Raises StartError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(
                f"the injector's state folder {self.folder} cannot be made: {error.strerror}",
                next_step="choose another with --state",
            ) from error

    # --- locks ------------------------------------------------------------------------------

    def take(self, role: Role, *, within_s: float = 1.0) -> Lock | None:
        """Become the one `role` of this folder; None when somebody else is.

        Patient, because whoever asks `is_held` holds the lock for a moment.
        """
        give_up = time.monotonic() + within_s
        while (descriptor := self._try(role)) is None:
            if time.monotonic() > give_up:
                return None
            time.sleep(0.02)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return Lock(descriptor)

    def is_held(self, role: Role) -> bool:
        descriptor = self._try(role)
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def pid(self, role: Role) -> int | None:
        """The process id of the living `role`."""
        if not self.is_held(role):
            return None
        text = self._lock_file(role).read_text()
        return int(text) if text.isdigit() else None

    def beat(self) -> None:
        """Say that the control process is not only alive but turning."""
        os.utime(self._lock_file("control"))

    def last_beat(self) -> int:
        """Changes with every beat. Not a time to reckon with: the wall clock may jump."""
        return self._lock_file("control").stat().st_mtime_ns

    def _try(self, role: Role) -> int | None:
        descriptor = os.open(self._lock_file(role), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def _lock_file(self, role: Role) -> Path:
        return self.folder / f"{role}.lock"

    # --- the mark that both are to end ------------------------------------------------------

    def ask_to_end(self) -> None:
        self._ending.touch()

    def is_to_end(self) -> bool:
        return self._ending.exists()

    def forget_ending(self) -> None:
        self._ending.unlink(missing_ok=True)

    # --- where it is, and the token ---------------------------------------------------------

    def write_address(self, url: str) -> None:
        """Say where the injector is and which processes it has, for whoever looks."""
        address = {
            "url": url,
            "watchdog_pid": self.pid("watchdog"),
            "control_pid": self.pid("control"),
        }
        text = json.dumps(address)
        if self._address.exists() and self._address.read_text() == text:
            return
        beside = self._address.with_suffix(".new")
        beside.write_text(text)
        beside.rename(self._address)

    def url(self) -> str:
        """Where the injector of this folder was last reached; '' when it never ran or has left."""
        if not self._address.exists():
            return ""
        return str(json.loads(self._address.read_text())["url"])

    def forget_address(self) -> None:
        self._address.unlink(missing_ok=True)

    def make_token(self) -> str:
        """Read the token, made at the first start for the folder's owner alone."""
        path = self.folder / "token"
        if not path.exists():
            beside = self.folder / f"token.{os.getpid()}"
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
            beside.rename(path)
        return read_token(self.folder)


def read_token(state: Path) -> str:
    """The token of the injector with this state folder. Raises StartError when there is none."""
    named = os.environ.get(TOKEN_VARIABLE)
    if named:
        return named
    try:
        return (state / "token").read_text().strip()
    except OSError as error:
        raise StartError(
            f"the injector's token cannot be read from {state / 'token'}: {error.strerror}",
            next_step=f"start the injector first, or set {TOKEN_VARIABLE}",
        ) from error


def end_injector(state: Path, *, within_s: float = 30.0) -> bool:
    """Ask the injector of this folder to restore everything and end; whether it did in time.

    By its mark, so that it also reaches processes that have replaced the ones first started.
    """
    folder = StateFolder(state)
    if not state.exists():
        return True
    folder.ask_to_end()
    give_up = time.monotonic() + within_s
    while folder.is_held("watchdog") or folder.is_held("control"):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    folder.forget_ending()
    return True
