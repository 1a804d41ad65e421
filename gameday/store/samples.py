"""The samples of one load generator: a file of columns, written in blocks while others read along.

    line      JSON, {"gameday samples": 1, "columns": [the names of the columns]}
    blocks    bytes and rows of what follows, its crc32, and the crc32 of these three: 4 x u32
              the end of each column in what follows: u32 each
              the columns, each as its kind packs it (gameday/domain/columns.py)

A block has at most 256 samples, in the order in which they ended, and needs no other block to be
read. It counts once it is whole: one that is cut short at the end of the file is still being
written, or its writer was killed; readers leave it, and a new writer removes it. Anything else
that is not as it was written is an error that names its byte.
"""

import json
import os
import threading
import time
import zlib
from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from struct import Struct
from types import NoneType, TracebackType
from typing import Any, BinaryIO, Self

from gameday.domain.columns import PACKED_ROWS_MAX, Column
from gameday.domain.errors import FileError
from gameday.domain.evidence import Evidence
from gameday.domain.sample import FIELDS, Outcome, Sample, Values, values_of
from gameday.domain.samples import KINDS, Columns, Samples
from gameday.store.redaction import Redactor

BLOCK_S_MAX = 0.2  # a sample waits no longer for others
_LOOK_EVERY_S = 0.05
# Of the answers' text: the first ones of each way in which a request can end, then few, then none.
EXCERPTS_OF_A_KIND = 1_000
EXCERPT_EVERY = 100
EXCERPT_CHARACTERS_MAX = 200
EXCERPTS_MAX = 20_000
# Of these kinds two values that are equal are packed alike.
_PLAIN = {str, int, bool, NoneType, Outcome}
_SAME_MAX = 10_000  # columns that are remembered
_LINE = json.dumps({"gameday samples": 1, "columns": FIELDS}).encode() + b"\n"
_HEAD = Struct("<4I")
HEAD_BYTES = _HEAD.size


class SampleWriter:
    """Appends samples to one file. There is one writer at a time; a torn last block goes.

    After an OSError (a full disk) the file ends at the last whole block.
    """

    def __init__(self, path: Path, evidence: Evidence = Evidence()) -> None:  # noqa: B008 - frozen
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._size = _whole_size(path)
        os.ftruncate(self._handle, self._size)
        if not self._size:
            self._append(_LINE)
        self._waiting: list[Values] = []
        self._late_at = 0.0  # for whatever waits, by time.monotonic()
        self._packer = Packer(evidence)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._failure: OSError | None = None
        self._timer = threading.Thread(target=self._write_late_ones, daemon=True)
        self._timer.start()

    def write(self, sample: Sample) -> None:
        """Append one sample. It is on disk soon after BLOCK_S_MAX."""
        self.put(values_of(sample))

    def put(self, values: Values) -> None:
        """Append one sample of which only the values are there."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            self._waiting.append(values)
            if len(self._waiting) >= PACKED_ROWS_MAX or time.monotonic() >= self._late_at:
                self._flush()

    def close(self) -> None:
        """Put everything on disk. Repeatable."""
        self._closed.set()
        if self._handle < 0:
            return
        self._timer.join()
        try:
            self._flush()
            os.fsync(self._handle)
        finally:
            os.close(self._handle)
            self._handle = -1

    def _write_late_ones(self) -> None:
        """Write what has waited long enough when no further sample comes to push it."""
        while not self._closed.wait(_LOOK_EVERY_S):
            with self._lock:
                if self._waiting and time.monotonic() >= self._late_at:
                    try:
                        self._flush()
                    except OSError as error:  # told to whoever writes next
                        self._failure = error
                        return

    def _flush(self) -> None:
        if self._waiting:
            self._append(self._packer.block(self._waiting))
            self._waiting.clear()
        self._late_at = time.monotonic() + BLOCK_S_MAX

    def _append(self, content: bytes) -> None:
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except OSError:
            os.ftruncate(self._handle, self._size)
            raise
        self._size += len(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Excerpts:
    """Chooses the samples whose answers' text is kept: enough to show, too few to fill a disk."""

    def __init__(self, evidence: Evidence = Evidence()) -> None:  # noqa: B008 - frozen
        self._evidence = evidence
        self._all = evidence.excerpts == "some" and not evidence.excerpts_of
        self._redactor = Redactor(evidence.redact)
        self._seen: dict[Hashable, int] = {}
        self._kept = 0

    def choose(
        self,
        excerpts: Sequence[str],
        kinds: Iterable[Hashable],
        marks: Iterable[tuple[str, bool | None]],
    ) -> list[str]:
        """The excerpts that are stored, each without what must not be; of most none is.

        kinds: of each, in what way its request has ended. marks: its case's group, and whether
        it passed.
        """
        chosen, counts = [""] * len(excerpts), self._seen
        told = zip(excerpts, kinds, marks, strict=True)
        for place, (excerpt, kind, mark) in enumerate(told):
            if not excerpt or not (self._all or self._evidence.keeps_excerpt(*mark)):
                continue
            seen = counts[kind] = counts.get(kind, 0) + 1
            if seen <= EXCERPTS_OF_A_KIND or not seen % EXCERPT_EVERY:
                chosen[place] = self._kept_of(excerpt)
        return chosen

    def _kept_of(self, excerpt: str) -> str:
        if self._kept >= EXCERPTS_MAX:
            return ""
        self._kept += 1
        return self._redactor.text(excerpt)[:EXCERPT_CHARACTERS_MAX]


class Packer:
    """Makes blocks of samples."""

    def __init__(self, evidence: Evidence = Evidence()) -> None:  # noqa: B008 - frozen
        self._excerpts = Excerpts(evidence)
        self._same: dict[tuple[str, type, Any, int], bytes] = {}

    def block(self, rows: Sequence[Values]) -> bytes:
        """Pack the values of at most PACKED_ROWS_MAX samples."""
        columns: dict[str, Sequence[Any]] = dict(zip(FIELDS, zip(*rows, strict=True), strict=True))
        tries = map(len, columns["attempts"])
        kinds = zip(columns["outcome"], columns["served_by"], tries, strict=True)
        marks = zip(columns["case_group"], columns["passed"], strict=True)
        columns["answer_excerpt"] = self._excerpts.choose(columns["answer_excerpt"], kinds, marks)
        packed = [self._column(name, values) for name, values in columns.items()]
        ends = array("I", accumulate(map(len, packed), initial=4 * len(packed)))[1:]
        payload = b"".join([ends.tobytes(), *packed])
        head = _HEAD.pack(len(payload), len(rows), zlib.crc32(payload), 0)[:12]
        return head + zlib.crc32(head).to_bytes(4, "little") + payload

    def _column(self, name: str, values: Sequence[Any]) -> bytes:
        """Most columns hold one value all the time, and are packed only when they are new."""
        first = values[0]
        kind, rows = type(first), len(values)
        if kind not in _PLAIN or values.count(first) < rows:
            return _packed(name, values)
        same = name, kind, first, rows
        if same not in self._same:
            if len(self._same) >= _SAME_MAX:
                self._same.clear()
            self._same[same] = _packed(name, values)
        return self._same[same]


def _packed(name: str, values: Sequence[Any]) -> bytes:
    column = KINDS[name]()
    column.extend(values)
    return column.pack()


def read_samples(path: Path) -> Samples:
    """Every whole block. Raises FileError that names the first byte that is not as written."""
    return join_files([find_blocks(path)])


def join_files(files: Sequence["Blocks"]) -> Samples:
    """The samples of several generators, as if one had sent them all."""
    return Samples(Columns(_Files([blocks for blocks in files if blocks.rows])))


def tail_samples(path: Path, from_offset: int) -> tuple[Samples, int]:
    """Read the samples written since `from_offset`, and the offset to ask from next time."""
    blocks = find_blocks(path, from_offset)
    return join_files([blocks]), blocks.end


@dataclass
class Blocks:
    """Where the blocks of one file are, and the columns in them."""

    path: Path
    columns: tuple[str, ...]  # in the file's order
    end: int  # of the last whole block
    starts: "array[int]" = field(default_factory=lambda: array("Q"))  # of each block's payload
    rows: "array[int]" = field(default_factory=lambda: array("I"))  # in each block
    ends: "array[int]" = field(default_factory=lambda: array("I"))  # of each column in each block

    def take(self, start: int, rows: int, payload: bytes) -> None:
        self.starts.append(start)
        self.rows.append(rows)
        self.ends.frombytes(payload[: 4 * len(self.columns)])
        self.end = start + len(payload)

    def read(self, name: str) -> Iterator[tuple[bytes, int]]:
        """One packed column: its bytes and its rows, block by block."""
        place, width = self.columns.index(name), len(self.columns)
        with self.path.open("rb", buffering=0) as file:
            handle = file.fileno()
            for number, (start, rows) in enumerate(zip(self.starts, self.rows, strict=True)):
                first = number * width + place
                begin = self.ends[first - 1] if place else 4 * width
                yield os.pread(handle, self.ends[first] - begin, start + begin), rows


class _Files:
    """The blocks of several files as a source of columns."""

    def __init__(self, files: Sequence[Blocks]) -> None:
        self._files = files
        self._rows = sum(sum(blocks.rows) for blocks in files)

    def __len__(self) -> int:
        return self._rows

    def fill(self, name: str, column: Column) -> None:
        for blocks in self._files:
            for packed, rows in blocks.read(name):
                column.unpack(packed, rows)


def find_blocks(path: Path, from_offset: int = 0) -> Blocks:
    """Find the whole blocks from an offset on, each with its checksum right."""
    if not path.exists():
        return Blocks(path, FIELDS, from_offset)
    with path.open("rb") as file:
        columns = _read_line(path, file)
        if not columns:
            return Blocks(path, FIELDS, 0)
        blocks = Blocks(path, columns, max(from_offset, file.tell()))
        file.seek(blocks.end)
        size = path.stat().st_size
        while (head := file.read(_HEAD.size)) and len(head) == _HEAD.size:
            length, rows, checksum, own = _HEAD.unpack(head)
            if zlib.crc32(head[:12]) != own:
                raise _not_as_written(path, blocks.end)
            start = file.tell()
            payload = file.read(length)
            if len(payload) < length:
                break
            if zlib.crc32(payload) != checksum:
                if start + length >= size:
                    break
                raise _not_as_written(path, blocks.end)
            blocks.take(start, rows, payload)
        return blocks


def _read_line(path: Path, file: BinaryIO) -> tuple[str, ...]:
    """The names of the columns; none when the first line is not whole yet."""
    line = file.readline(len(_LINE))
    if line == _LINE:
        return FIELDS
    if _LINE.startswith(line):
        return ()
    raise FileError(
        f"{path}:1  these samples were written by another version of Gameday, or are none",
        next_step="judge the run with the version that made it",
    )


def _not_as_written(path: Path, offset: int) -> FileError:
    return FileError(
        f"{path}  is damaged: the block that begins at byte {offset} is not as it was written",
        next_step="restore the file from a copy; `gameday report` shows the last result without it",
    )


def _whole_size(path: Path) -> int:
    return find_blocks(path).end
