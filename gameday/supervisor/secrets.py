"""Reads a secret where its reference says it is. Secrets are never written anywhere by us."""

import os
from pathlib import Path

from gameday.domain.errors import FileError


def read_secret(reference: str, *, beside: Path = Path()) -> str:
    """The secret behind `env:NAME` or `file:PATH`. Raises FileError when it is missing or empty.

    beside: the folder that a relative path counts from.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
    else:
        path = beside / name
        value = path.read_text().strip() if path.is_file() else ""
    if not value:
        raise FileError(
            f"the secret {reference} is not there",
            next_step="set it where this process runs, or correct the reference in the file",
        )
    return value
