"""The samples of a run: one JSON line each, appended by one writer while others read along.

A line counts once its newline is on disk. What follows the last newline is a line that is still
being written, or that a killed writer never finished: readers leave it, a new writer removes it.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from gameday.domain.sample import Sample
from gameday.store.lines import parse_lines


class SampleWriter:
    """Appends samples to one file. There is one writer at a time; the last torn line goes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._size = _whole_lines_size(self._handle)
        os.ftruncate(self._handle, self._size)

    def write(self, sample: Sample) -> None:
        """Append one sample. After an OSError (full disk) the file ends at the last whole line."""
        line = memoryview(sample.model_dump_json().encode() + b"\n")
        try:
            written = 0
            while written < len(line):
                written += os.write(self._handle, line[written:])
        except OSError:
            os.ftruncate(self._handle, self._size)
            raise
        self._size += len(line)

    def close(self) -> None:
        """Put everything on disk. Repeatable."""
        if self._handle >= 0:
            os.fsync(self._handle)
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_samples(path: Path) -> tuple[Sample, ...]:
    """Read every whole line. Raises FileError that names the first line that is no sample."""
    return tail_samples(path, 0)[0]


def tail_samples(path: Path, from_offset: int) -> tuple[tuple[Sample, ...], int]:
    """Read the samples written since `from_offset`, and the offset to ask from next time."""
    if not path.exists():
        return (), from_offset
    with path.open("rb") as file:
        file.seek(from_offset)
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    where = f"{path} after byte {from_offset}" if from_offset else path
    return parse_lines(Sample, whole, where), from_offset + len(whole)


def _whole_lines_size(handle: int) -> int:
    """Bytes up to and with the last newline."""
    end = os.lseek(handle, 0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65536)
        newline = os.pread(handle, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
