"""The digest of a folder's files: only those are read whose stamp is another one."""

import os
import stat
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from gameday.components._digests import Corpus, Digests, digest_of_document
from gameday.domain.errors import ComponentError

# Whoever writes twice within the clock of the file system leaves the same stamp both times.
_CLOCK_NS = 2_000_000_000
_STAMP = struct.Struct("<qqqQ")


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
        folder = os.open(top / group, os.O_RDONLY | os.O_DIRECTORY)
        try:
            folders, stamps = _look(folder)
        finally:
            os.close(folder)
        waiting += [f"{group}/{name}".lstrip("/") for name in folders]
        yield group, stamps


def _look(folder: int) -> tuple[list[str], dict[str, bytes]]:
    """The folders in an open one, and the stamps of its files.

    Asked by name and open folder: nearly all that a look costs is asking for each file's stamp.
    """
    folders, stamps = [], {}
    too_young_ns = time.time_ns() - _CLOCK_NS
    for name in sorted(os.listdir(folder)):
        if name.startswith("."):
            continue
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            stamps[name] = _stamp(found, too_young_ns)
        elif stat.S_ISDIR(found.st_mode):
            folders.append(name)
    return folders, stamps


def _digest(top: Path, group: str, name: str) -> int:
    return digest_of_document(f"{group}/{name}", (top / group / name).read_bytes())


def _stamp(found: os.stat_result, too_young_ns: int) -> bytes:
    changed_ns, written_ns, size = found.st_ctime_ns, found.st_mtime_ns, found.st_size
    if changed_ns >= too_young_ns or written_ns >= too_young_ns:
        # No later stamp is equal to it, as no file has less than no bytes: it is read again.
        changed_ns, size = time.time_ns(), -1
    return _STAMP.pack(changed_ns, written_ns, size, found.st_ino)
