"""The digest of a table's rows: a fragment's files never change, so they are read only once.

Of each fragment the digests of all its rows are kept, deleted ones too, and their sum. What is
deleted since is taken out of the sum again, without reading anything but which rows there are.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gameday.components._digests import Corpus, Digest, corpus_of
from gameday.components._extras import driver
from gameday.components._lance_table import files_of
from gameday.store.atomic import write_whole

_SIZE = 32


def digest_dataset(dataset: Any, memory: Path) -> Corpus:
    """memory: a folder that is this table's alone."""
    parts, used = [], set()
    for fragment in dataset.get_fragments():
        path = memory / f"{files_of(fragment)}.rows"
        used.add(path.name)
        size = _SIZE * (1 + fragment.physical_rows)
        if not path.is_file() or path.stat().st_size != size:
            write_whole(path, _read(dataset, fragment))
        parts.append(_without_deleted(dataset, fragment, path))
    for path in memory.glob("*.rows"):
        if path.name not in used:
            path.unlink(missing_ok=True)
    return corpus_of(parts)


def _read(dataset: Any, fragment: Any) -> bytes:
    """The sum, and then the digest of each row, in the order of their addresses."""
    scan = dataset.scanner(fragments=[fragment], include_deleted_rows=True, with_row_id=True,
                           scan_in_order=True)  # fmt: skip
    rows = [row for batch in scan.to_batches() for row in _rows(batch.drop_columns(["_rowid"]))]
    total = sum(int.from_bytes(row, "big") for row in rows) % (1 << 8 * _SIZE)
    return total.to_bytes(_SIZE, "big") + b"".join(rows)


def _without_deleted(dataset: Any, fragment: Any, kept: Path) -> Digest:
    gone = _deleted(dataset, fragment) if fragment.num_deletions else []
    with kept.open("rb") as rows:
        total = int.from_bytes(rows.read(_SIZE), "big")
        for place in gone:
            rows.seek(_SIZE * (place + 1))
            total -= int.from_bytes(rows.read(_SIZE), "big")
    return Digest(total, fragment.physical_rows - len(gone))


def _deleted(dataset: Any, fragment: Any) -> list[int]:
    """The places of the deleted rows: they come without a row id."""
    compute = driver("pyarrow.compute", extra="lancedb")
    scan = dataset.scanner(columns=[], fragments=[fragment], include_deleted_rows=True,
                           with_row_id=True, scan_in_order=True)  # fmt: skip
    places: list[int] = compute.indices_nonzero(scan.to_table()["_rowid"].is_null()).to_pylist()
    return places


def _rows(batch: Any) -> Iterator[bytes]:
    """The digest of each row: of its columns' names and values, in the order of the table's."""
    names = json.dumps(batch.schema.names).encode()
    start = hashlib.sha256(len(names).to_bytes(4, "big") + names)
    for values in zip(*(_values(column) for column in batch.columns), strict=True):
        digest = start.copy()
        for value in values:
            digest.update(len(value).to_bytes(4, "big") + value)
        yield digest.digest()


def _values(column: Any) -> Iterator[bytes]:
    """Each value as bytes; nothing, for null, and something else for every value."""
    pyarrow = driver("pyarrow", extra="lancedb")
    kind = column.type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        return (b"" if one is None else b"s" + one.encode() for one in column.to_pylist())
    if pyarrow.types.is_fixed_size_list(kind) and pyarrow.types.is_floating(kind.value_type):
        return _vectors(column)
    return (
        b"" if one is None else b"j" + json.dumps(one, default=repr, sort_keys=True).encode()
        for one in column.to_pylist()
    )


def _vectors(column: Any) -> Iterator[bytes]:
    """The bytes of each vector as they are in memory: to make numbers of them takes an age."""
    width = column.type.list_size * column.type.value_type.bit_width // 8
    content = memoryview(column.values.buffers()[1])
    first = column.values.offset // column.type.list_size
    for place, one in enumerate(column.is_valid().to_pylist(), start=first + column.offset):
        yield b"v" + bytes(content[place * width : (place + 1) * width]) if one else b""
