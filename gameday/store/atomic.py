"""Writes a file whole or not at all, and by one process at a time."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gameday.domain.errors import StartError
from gameday.supervisor.secrets import hide_in


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that a crash or a full disk leaves the file that was there.

    No secret that this process was given goes with it. Raises StartError when the disk says no;
    the old file is then untouched.
    """
    with replacing(path) as file:
        file.write(hide_in(content))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, which takes the place of `path` when all went well, else is gone.

    Raises StartError when the disk says no.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _new_file(path) as file:
            yield file
    except OSError as error:
        raise StartError(
            f"{path} could not be written: {error.strerror or error}; what was there is untouched",
            next_step=f"free some space or fix the permissions of {path.parent}, then try again",
        ) from error


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold what guards `path`, to read it and write it again. The kernel frees it with its holder.

    A file of its own is locked, as `path` itself is replaced by each writing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("wb") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # mkstemp makes 0600, and other accounts may read a report
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Without this the rename itself may be lost when the host loses power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
