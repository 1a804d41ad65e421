"""The digest of a folder's files: only those are read whose stamp is another one."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from gameday.components._digests import Corpus, Digest, Digests, digest_of_document
from gameday.domain.errors import ComponentError

# Whoever writes twice within the clock of the file system leaves the same stamp both times.
_CLOCK_NS = 2_000_000_000


def digest_folder(folder: Path, memory: Path | None) -> Corpus:
    """All files below, but hidden ones. Raises ComponentError."""
    try:
        with Digests(memory) as digests:
            for group, stamps in _folders(folder):
                stale = digests.stale(group, stamps)
                if stale is not None:
                    read = {name: _digest(folder, group, name) for name in stale}
                    digests.keep(group, stamps, read)
            return digests.corpus()
    except OSError as error:
        raise ComponentError(f"{folder} cannot be read: {error}") from error


def _folders(top: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Each folder's path from the top, and the stamps of the files in it."""
    waiting = [""]
    while waiting:
        group = waiting.pop()
        stamps = {}
        too_young_ns = time.time_ns() - _CLOCK_NS
        with os.scandir(top / group) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{group}/{entry.name}".lstrip("/"))
                elif entry.is_file(follow_symlinks=False):
                    stamps[entry.name] = _stamp(entry.stat(follow_symlinks=False), too_young_ns)
        yield group, stamps


def _digest(top: Path, group: str, name: str) -> Digest:
    return Digest(digest_of_document(f"{group}/{name}", (top / group / name).read_bytes()))


def _stamp(stat: os.stat_result, too_young_ns: int) -> bytes:
    mark = f"{stat.st_ctime_ns} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino}"
    if max(stat.st_ctime_ns, stat.st_mtime_ns) >= too_young_ns:
        mark += f" young {time.time_ns()}"  # which no later stamp is equal to: it is read again
    return mark.encode()
