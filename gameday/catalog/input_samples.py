"""Reads samples of what users ask: one JSON object a line, as an operator exports them.

`{"question": "..."}`, `{"turns": ["...", "..."]}`, or `{"messages": [{"role": "user", "content":
"..."}]}` as providers' APIs write conversations; with `group` where it is known. Other keys are
passed over: a tenant's name, say, is nobody's business here.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gameday.domain.errors import FileError

LINES_MAX = 1_000_000
_SHAPE = '{"question": "..."}, {"turns": ["..."]} or {"messages": [{"role": "user", ...}]}'
_NO_NAME = re.compile(r"[^a-z0-9_]+")
_NAME_MAX = 63


class InputSample(NamedTuple):
    """What one user asked: one question, or the turns of a conversation.

    group: as a suite would call it, `billing-questions` for `Billing questions`.
    """

    turns: tuple[str, ...]
    group: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.turns)


def read_inputs(file: Path) -> list[InputSample]:
    """Every sample of a file. Raises FileError with the line of what is none."""
    try:
        with file.open(encoding="utf-8") as lines:
            samples = list(_samples(file, lines))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise FileError(f"{file}  cannot be read: {why}") from error
    if not samples:
        raise FileError(f"{file}  has no samples; expected one JSON object a line: {_SHAPE}")
    return samples


def _samples(file: Path, lines: Any) -> Iterator[InputSample]:
    for number, line in enumerate(lines, start=1):
        if number > LINES_MAX:
            raise FileError(f"{file}  has more than {LINES_MAX:,} lines; give it fewer samples")
        if line.strip():
            yield _sample(f"{file}:{number}:1", line)


def _sample(place: str, line: str) -> InputSample:
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise FileError(f"{place}  is no JSON: {error}") from error
    turns = _turns(raw) if isinstance(raw, dict) else ()
    # No word of what is there is shown: it may be what a user wrote.
    if not turns:
        raise FileError(f"{place}  says nothing that a user asked; expected {_SHAPE}")
    group = raw.get("group") or ""
    if not isinstance(group, str):
        raise FileError(f"{place}  group is no text; expected one such as returns")
    return InputSample(turns, _NO_NAME.sub("-", group.lower()).strip("-_")[:_NAME_MAX])


def _turns(raw: dict[str, Any]) -> tuple[str, ...]:
    """What the user said, in order; () where nothing of the known shapes is there."""
    if isinstance(raw.get("question"), str):
        said = [raw["question"]]
    elif isinstance(raw.get("turns"), list):
        said = raw["turns"]
    elif isinstance(raw.get("messages"), list):
        said = [
            one.get("content")
            for one in raw["messages"]
            if isinstance(one, dict) and one.get("role") == "user"
        ]
    else:
        return ()
    if not all(isinstance(one, str) and one.strip() for one in said):
        return ()
    return tuple(one.strip() for one in said)
