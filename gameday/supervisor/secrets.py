"""Reads a secret where its reference says it is. Secrets are never written anywhere by us.

What has been read is remembered, so that it can be taken out of what is written: servers and
commands say a key back in their errors.
"""

import base64
import json
import os
from pathlib import Path
from urllib.parse import quote

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
    remember_secret(value)
    return value


_SECRET_CHARACTERS_MIN = 8  # a shorter one stands in ordinary words, and would be no secret long
_hidden: tuple[str, ...] = ()


def remember_secret(value: str) -> None:
    """From now on `hide` takes it out, also as JSON, a URL or base64 would spell it."""
    global _hidden  # noqa: PLW0603 - what a process was given as a secret is the process's
    if len(value) < _SECRET_CHARACTERS_MIN:
        return
    encoded = base64.b64encode(value.encode()).decode().rstrip("=")
    spelt = {value, json.dumps(value)[1:-1], quote(value, safe=""), encoded}
    # The longest first: one secret may be a part of another.
    _hidden = tuple(sorted({*_hidden, *spelt}, key=lambda form: (-len(form), form)))


def hide(text: str) -> str:
    """`text` without any secret that this process was given."""
    for form in _hidden:
        text = text.replace(form, "[secret]")
    return text


def hide_in(content: bytes) -> bytes:
    """The same of text in UTF-8."""
    for form in _hidden:
        content = content.replace(form.encode(), b"[secret]")
    return content
