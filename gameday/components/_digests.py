"""The digest of a corpus that is too large to be read anew each time.

A corpus is parts (a file, a page of a table, a fragment), each with a stamp that is another one
when the part may have changed. Only parts with another stamp are read. The digest is the sum of
the parts' own, so it does not depend on where or in which order they are kept, and a part's
share can be taken out again.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from gameday.domain.errors import ComponentError

_MODULUS = 1 << 256
_SCHEMA = """
create table if not exists groups (
    name text primary key, stamp blob, total blob, documents integer, round integer
) without rowid;
create table if not exists parts (
    grp text, name text, stamp blob, total blob, documents integer, primary key (grp, name)
) without rowid;
"""


class Digest(NamedTuple):
    """Of one part: the sum over its documents, and how many there are."""

    total: int
    documents: int = 1


class Corpus(NamedTuple):
    """Of all: 64 hexadecimal digits, and how many documents there are."""

    digest: str
    documents: int


Parts = Mapping[str, bytes]
"""The stamps of one group's parts, by name."""


def digest_of_document(name: str, content: bytes) -> int:
    """One document's share of the sum."""
    digest = hashlib.sha256(len(name.encode()).to_bytes(4, "big") + name.encode())
    digest.update(content)
    return int.from_bytes(digest.digest(), "big")


class Digests:
    """What was known of a corpus when it was last looked at, in a file; None keeps it nowhere.

    Groups are looked at one after the other, so that a corpus never is in memory whole.
    """

    def __init__(self, path: Path | None) -> None:
        """Raises ComponentError when there can be no such file."""
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path or ":memory:", timeout=30, isolation_level=None)
            self._db.executescript(_SCHEMA)
            # One at a time: two who look at once would take each other's groups for gone.
            self._db.execute("begin immediate")
        except (OSError, sqlite3.Error) as error:
            raise ComponentError(f"{path} cannot be used to remember digests: {error}") from error
        (last,) = self._db.execute("select coalesce(max(round), 0) from groups").fetchone()
        self._round = last + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with closing(self._db):
            self._db.execute("rollback" if error else "commit")

    def stale(self, group: str, parts: Parts) -> list[str] | None:
        """The parts that must be read for `keep`; None where the group is as it was."""
        stamp = _stamp(parts)
        known = self._db.execute("select stamp from groups where name = ?", (group,)).fetchone()
        if known and known[0] == stamp:
            self._db.execute("update groups set round = ? where name = ?", (self._round, group))
            return None
        rows = self._db.execute("select name, stamp from parts where grp = ?", (group,))
        before = dict(rows.fetchall())
        return [name for name, mark in parts.items() if before.get(name) != mark]

    def keep(self, group: str, parts: Parts, read: Mapping[str, Digest]) -> None:
        """Remember a group with the digests of its stale parts."""
        rows = self._db.execute(
            "select name, total, documents from parts where grp = ?", (group,)
        ).fetchall()
        gone = [(group, name) for name, _, _ in rows if name not in parts]
        self._db.executemany("delete from parts where grp = ? and name = ?", gone)
        self._db.executemany(
            "insert or replace into parts values (?, ?, ?, ?, ?)",
            [
                (group, name, parts[name], _packed(one.total), one.documents)
                for name, one in read.items()
            ],
        )
        stays = [row for row in rows if row[0] in parts and row[0] not in read]
        total = sum(int.from_bytes(one, "big") for _, one, _ in stays)
        total += sum(one.total for one in read.values())
        documents = sum(count for _, _, count in stays)
        documents += sum(one.documents for one in read.values())
        row = (group, _stamp(parts), _packed(total), documents, self._round)
        self._db.execute("insert or replace into groups values (?, ?, ?, ?, ?)", row)

    def corpus(self) -> Corpus:
        """Of the groups that were looked at; the others are gone, and forgotten."""
        gone = "select name from groups where round <> ?"
        self._db.execute(f"delete from parts where grp in ({gone})", (self._round,))  # noqa: S608
        self._db.execute("delete from groups where round <> ?", (self._round,))
        rows = self._db.execute("select total, documents from groups").fetchall()
        return corpus_of(Digest(int.from_bytes(one, "big"), count) for one, count in rows)


def _stamp(parts: Parts) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name, mark in parts.items():
        digest.update(f"{len(name)}:{name}{len(mark)}:".encode())
        digest.update(mark)
    return digest.digest()


def _packed(total: int) -> bytes:
    return (total % _MODULUS).to_bytes(32, "big")


def corpus_of(parts: Iterable[Digest]) -> Corpus:
    """All parts together."""
    total = documents = 0
    for part in parts:
        total += part.total
        documents += part.documents
    return Corpus(f"{total % _MODULUS:064x}", documents)


def digests_of(documents: Iterable[tuple[str, bytes]]) -> Digest:
    """The digest of a part of several documents, each with its name and content."""
    total = count = 0
    for name, content in documents:
        total += digest_of_document(name, content)
        count += 1
    return Digest(total % _MODULUS, count)
