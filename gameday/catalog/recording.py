"""Reads recorded arrival times: one a line, as seconds or as ISO 8601 moments, in their order."""

from datetime import UTC, datetime
from pathlib import Path

from gameday.domain.errors import FileError

LINES_MAX = 1_000_000
_EXPECTED = "expected seconds such as 12.5, or a moment such as 2026-11-21T10:00:00.250Z"
_NEXT = "write one arrival a line, in the order in which they came"


def read_recording(path: Path | str) -> tuple[float, ...]:
    """Seconds of each arrival, in ascending order; at least two, not all at the same moment.

    Raises FileError that names the line, what was found there and what was expected.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path}  cannot be read: {error}", next_step=_NEXT) from error
    if len(lines) > LINES_MAX:
        raise _error(path, LINES_MAX + 1, f"more than {LINES_MAX:,} arrivals")
    arrivals: list[float] = []
    is_moment = bool(lines) and _is_moment(lines[0])
    for number, line in enumerate(lines, start=1):
        at_s = _read(path, number, line, is_moment=is_moment)
        if arrivals and at_s < arrivals[-1]:
            raise _error(path, number, f"{line.strip()!r} is earlier than the line before")
        arrivals.append(at_s)
    if len(arrivals) < 2 or arrivals[0] == arrivals[-1]:
        found = f"found {len(arrivals)}" if len(arrivals) < 2 else "all are at the same moment"
        raise _error(path, max(1, len(lines)), f"expected at least two arrivals; {found}")
    return tuple(arrivals)


def mean_rate_per_s(arrivals: tuple[float, ...]) -> float:
    """Arrivals a second from the first to the last."""
    return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])


def _read(path: Path | str, number: int, line: str, *, is_moment: bool) -> float:
    text = line.strip()
    if _is_moment(text) != is_moment:
        kind = "a moment" if is_moment else "seconds"
        raise _error(path, number, f"found {text[:40]!r}; the first line is {kind}, so all must be")
    try:
        at_s = _moment_s(text) if is_moment else float(text)
    except ValueError:
        at_s = float("nan")
    if not abs(at_s) < 1e12:
        raise _error(path, number, f"found {text[:40]!r}; {_EXPECTED}")
    return at_s


def _is_moment(text: str) -> bool:
    return "T" in text or ":" in text


def _moment_s(text: str) -> float:
    """Seconds since 1970; a moment without a zone is UTC."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _error(path: Path | str, line: int, sentence: str) -> FileError:
    return FileError(f"{path}:{line}  {sentence}", next_step=_NEXT)
