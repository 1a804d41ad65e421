"""A zip that has one way to be written: the same files give the same bytes, on any machine.

Nothing is compressed, as compressors differ from version to version. So an archive can be made
anew from what is read from it, and must be the same byte for byte: no bit of it goes unchecked,
not even those that hold no file.
"""

import hashlib
import stat
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

from gameday.evidence.manifest import ManifestFile

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_CHUNK = 1 << 20
_MODE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3
# What the zip reader raises over damaged or foreign archives.
_DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, ValueError,
    EOFError, OSError, struct.error, OverflowError, IndexError,
)  # fmt: skip


class ArchiveWriter:
    """Writes one archive, file after file."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)

    def add(self, name: str, content: Path | bytes) -> ManifestFile:
        """Append one file, and say what it is. It is read once, piece by piece."""
        with content.open("rb") if isinstance(content, Path) else BytesIO(content) as file:
            size = content.stat().st_size if isinstance(content, Path) else len(content)
            return self.copy(name, file, size)

    def copy(self, name: str, file: IO[bytes], size: int) -> ManifestFile:
        """The same of an open file of so many bytes."""
        with self._zip.open(_entry(name, size), "w") as inside:
            return digest_of(file, to=inside)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()


class Archive:
    """An archive that somebody else may have written: nothing in it is believed."""

    def __init__(self, file: BinaryIO, opened: zipfile.ZipFile) -> None:
        self._file = file
        self._zip = opened
        self.names = [entry.filename for entry in opened.infolist()]

    def foreign(self) -> str:
        """Why no archive of ours is like this; '' when it may be one."""
        twice = [name for name in self.names if self.names.count(name) > 1]
        if twice:
            return f"{twice[0]} is in it twice"
        packed = [one for one in self._zip.infolist() if one.compress_type != zipfile.ZIP_STORED]
        return f"{packed[0].filename} is compressed" if packed else ""

    def read(self, name: str, bytes_max: int) -> bytes | None:
        """A whole small file; None where it is missing, damaged or larger."""
        try:
            with self._zip.open(name) as inside:
                content = inside.read(bytes_max + 1)
                inside.read(1)  # the end is where its checksum is looked at
        except (KeyError, *_DAMAGED):
            return None
        return content if len(content) <= bytes_max else None

    def digest(self, name: str) -> str:
        """The SHA-256 of a file; '' where it cannot be read to its end."""
        try:
            with self._zip.open(name) as inside:
                return digest_of(inside).sha256
        except (KeyError, *_DAMAGED):
            return ""

    def difference(self, order: Sequence[str]) -> int | None:
        """The first byte that is not as we would write these files in this order; None: none."""
        with tempfile.TemporaryFile() as anew:
            with ArchiveWriter(anew) as archive:
                for name in order:
                    with self._zip.open(name) as inside:
                        archive.copy(name, inside, self._zip.getinfo(name).file_size)
            anew.seek(0)
            self._file.seek(0)
            return _first_difference(anew, self._file)

    def entry_at(self, offset: int) -> str:
        """The file whose bytes or heading are there; '' for the archive's own directory."""
        if offset >= self._zip.start_dir:
            return ""
        before = [one for one in self._zip.infolist() if one.header_offset <= offset]
        return max(before, key=lambda one: one.header_offset).filename if before else ""


def digest_of(file: IO[bytes], to: IO[bytes] | None = None) -> ManifestFile:
    """What a file is; its bytes go on to `to`, where there is one."""
    digest, count = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        if to is not None:
            to.write(chunk)
        digest.update(chunk)
        count += len(chunk)
    return ManifestFile(sha256=digest.hexdigest(), bytes=count)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive | None]:
    """None where it is no zip. Raises OSError for a file that cannot be read at all."""
    with path.open("rb") as file:
        try:
            opened = zipfile.ZipFile(file)
        except _DAMAGED:
            yield None
            return
        with opened:
            yield Archive(file, opened)


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = _MODE
    entry.file_size = size  # decides whether it needs the large form
    return entry


def _first_difference(one: BinaryIO, other: BinaryIO) -> int | None:
    offset = 0
    while True:
        ours, theirs = one.read(_CHUNK), other.read(_CHUNK)
        if ours != theirs:
            pairs = enumerate(zip(ours, theirs, strict=False))
            shorter = min(len(ours), len(theirs))
            return offset + next((at for at, (a, b) in pairs if a != b), shorter)
        if not ours:
            return None
        offset += len(ours)
