"""Replaces an operator's file whole or not at all, and leaves nothing beside it.

The new content is written under one fixed name beside the file. So what a process that was killed
has left there is known for its own, by whoever goes on.
"""

import os
from pathlib import Path

from gameday.domain.errors import ComponentError


def replace_file(path: Path, content: bytes, *, mode: int) -> None:
    """Raises ComponentError; the file that was there is then untouched."""
    aside = _aside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        forget_cut_short(path)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(mode)
        aside.replace(path)
    except OSError as error:
        raise ComponentError(f"{path} cannot be changed: {error.strerror}") from error


def remove_file(path: Path) -> None:
    """Raises ComponentError; one that is not there is no error."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ComponentError(f"{path} cannot be removed: {error.strerror}") from error


def forget_cut_short(path: Path) -> None:
    """Remove what was left beside `path` by a process that was killed while it replaced it."""
    remove_file(_aside(path))


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.gameday")
