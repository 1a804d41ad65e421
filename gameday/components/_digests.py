"""The digest of a corpus that is too large to be read anew each time.

A corpus is parts (a file, a row), each with a stamp that is another one when the part may have
changed. Only parts with another stamp are read. The digest is the sum of the parts' own, so it
does not depend on where or in which order they are kept, and a part's share can be taken out
again.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from gameday.domain.errors import ComponentError

_SHARE = 32  # bytes of a part's share of the sum
_MODULUS = 1 << 8 * _SHARE
# One row for each group: its parts' names, and beside them, all of one length, stamps and shares.
# A row for each part takes longer to look through than the corpus.
_SCHEMA = """
drop table if exists groups;
drop table if exists parts;
create table if not exists packed (
    grp text primary key, names blob, stamps blob, shares blob, total blob, round integer
) without rowid;
"""


class Digest(NamedTuple):
    """Of some documents: the sum over them, and how many there are."""

    total: int
    documents: int = 1


class Corpus(NamedTuple):
    """Of all: 64 hexadecimal digits, and how many documents there are."""

    digest: str
    documents: int


Parts = Mapping[str, bytes]
"""The stamps of one group's parts, by name; all of one length, and no name with a NUL in it."""


def digest_of_document(name: str, content: bytes) -> int:
    """One document's share of the sum."""
    called = _bytes_of(name)
    digest = hashlib.sha256(len(called).to_bytes(4, "big") + called)
    digest.update(content)
    return int.from_bytes(digest.digest(), "big")


class Digests:
    """What was known of a corpus when it was last looked at, in a file; None keeps it nowhere.

    Groups are looked at one after the other, so that a corpus never is in memory whole.
    """

    def __init__(self, path: Path | None) -> None:
        """Raises ComponentError when there can be no such file."""
        self._db = open_memory(path, _SCHEMA)
        (last,) = self._db.execute("select coalesce(max(round), 0) from packed").fetchone()
        self._round = last + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        close_memory(self._db, failed=error is not None)

    def stale(self, group: str, parts: Parts) -> list[str] | None:
        """The parts that must be read for `keep`; None where the group is as it was."""
        row = self._db.execute(
            "select names, stamps from packed where grp = ?", (group,)
        ).fetchone()
        if row == (_joined(parts), b"".join(parts.values())):
            self._db.execute("update packed set round = ? where grp = ?", (self._round, group))
            return None
        before = self._before(group, parts, "stamps")
        return [name for name, stamp in parts.items() if before.get(name) != stamp]

    def keep(self, group: str, parts: Parts, read: Mapping[str, int]) -> None:
        """Remember a group with the shares of its stale parts."""
        shares = self._before(group, parts, "shares")
        row = self._db.execute("select total from packed where grp = ?", (group,)).fetchone()
        total = int.from_bytes(row[0], "big") if row else 0
        for name in (shares.keys() - parts.keys()) | (shares.keys() & read.keys()):
            total -= int.from_bytes(shares[name], "big")
        total += sum(read.values())
        shares |= {name: packed(share) for name, share in read.items()}
        kept = (_joined(parts), b"".join(parts.values()), b"".join(map(shares.__getitem__, parts)))
        row = (group, *kept, packed(total), self._round)
        self._db.execute("insert or replace into packed values (?, ?, ?, ?, ?, ?)", row)

    def _before(self, group: str, parts: Parts, what: str) -> dict[str, bytes]:
        """What was known of each part of a group when it was last looked at."""
        row = self._db.execute(
            f"select names, {what} from packed where grp = ?",  # noqa: S608 - a column's name
            (group,),
        ).fetchone()
        if row is None:
            return {}
        # Mostly they are called as before, and then need not be read from the names.
        names = list(parts) if row[0] == _joined(parts) else _split(row[0])
        width = len(row[1]) // max(1, len(names))
        pieces = (row[1][place : place + width] for place in range(0, len(row[1]), width or 1))
        return dict(zip(names, pieces, strict=True))

    def corpus(self) -> Corpus:
        """Of the groups that were looked at; the others are gone, and forgotten."""
        self._db.execute("delete from packed where round <> ?", (self._round,))
        rows = self._db.execute("select total, length(shares) from packed").fetchall()
        return corpus_of(Digest(int.from_bytes(one, "big"), size // _SHARE) for one, size in rows)


def open_memory(path: Path | None, schema: str) -> sqlite3.Connection:
    """A file to remember digests in, one look at a time. Raises ComponentError."""
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path or ":memory:", timeout=30, isolation_level=None)
        database.executescript(schema)
        # Two who look at once would take each other's parts for gone.
        database.execute("begin immediate")
    except (OSError, sqlite3.Error) as error:
        raise ComponentError(f"{path} cannot be used to remember digests: {error}") from error
    return database


def close_memory(database: sqlite3.Connection, *, failed: bool) -> None:
    """A look that failed is forgotten."""
    with closing(database):
        database.execute("rollback" if failed else "commit")


def packed(total: int) -> bytes:
    """A sum as it is remembered."""
    return (total % _MODULUS).to_bytes(_SHARE, "big")


def _bytes_of(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")  # a file may be called anything


def _joined(names: Iterable[str]) -> bytes:
    return _bytes_of("\0".join(names))


def _split(names: bytes) -> list[str]:
    return names.decode("utf-8", "surrogateescape").split("\0") if names else []


def corpus_of(parts: Iterable[Digest]) -> Corpus:
    """All parts together."""
    total = documents = 0
    for part in parts:
        total += part.total
        documents += part.documents
    return Corpus(packed(total).hex(), documents)


def digests_of(documents: Iterable[tuple[str, bytes]]) -> Digest:
    """The digest of a part of several documents, each with its name and content."""
    total = count = 0
    for name, content in documents:
        total += digest_of_document(name, content)
        count += 1
    return Digest(total % _MODULUS, count)
