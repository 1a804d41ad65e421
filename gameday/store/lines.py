"""Reads JSON lines into values, and names the line that cannot be read."""

from typing import TypeVar

from pydantic import ValidationError

from gameday.domain.errors import FileError
from gameday.domain.value import Value

T = TypeVar("T", bound=Value)


def parse_line(kind: type[T], line: bytes, where: str) -> T:
    """Read the value in `line`. Raises FileError that names `where` (file:line)."""
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise FileError(
            f"{where}  not a {kind.__name__}: {field + ': ' if field else ''}{first['msg']}",
            next_step="move the run's folder away, or restore the line from a copy",
        ) from error


def parse_lines(kind: type[T], content: bytes, where: object) -> tuple[T, ...]:
    """One value from each line of `content`, which was read from the file `where`."""
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return tuple(
        parse_line(kind, line, f"{where}:{number}") for number, line in enumerate(lines, start=1)
    )
