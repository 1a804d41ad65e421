"""The digest of a table's rows: only those are read that were written since the last look.

A row that is written gets the number of the transaction that wrote it (`xmin`), so that one scan
which looks at nothing but rows' headers finds those that any transaction has written that was not
over at the last look. Each row's share of the digest is remembered by its id. The same scan counts
all rows: where there are fewer than are remembered, some were deleted, and the ids of all tell
which. A table whose ids could repeat is read whole each time: there the count would prove nothing.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from gameday.components._digests import (
    Corpus,
    Digest,
    close_memory,
    corpus_of,
    digest_of_document,
    open_memory,
    packed,
)
from gameday.components._extras import driver
from gameday.domain.component import digest_of

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_AT_ONCE = 10_000  # rows
_SHA_HEX = 64
# Transactions are numbered in a ring of 2**32, and told apart over half of it.
_TOLD_APART = 2_000_000_000
_SCHEMA = """
create table if not exists rows (id text primary key, share blob) without rowid;
create table if not exists looks (shape text, horizon integer, total blob, documents integer);
drop table if exists groups;
drop table if exists parts;
"""
# What a row is as text must not depend on who asks.
_SAME_TEXT = """
set local datestyle = 'ISO'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
set local extra_float_digits = 1; set local bytea_output = 'hex'; set local lc_monetary = 'C';
"""
# A server that was put back to an earlier time has other rows without anybody writing them, and is
# on another timeline then. Who may not see that knows at least that it was not started anew.
_MAY_SEE = """
select has_function_privilege('pg_control_system()', 'execute')
  and has_function_privilege('pg_control_checkpoint()', 'execute')
"""
_TIMELINE = """
(select system_identifier::text from pg_control_system()),
(select timeline_id::text from pg_control_checkpoint())
"""
_STARTED = "pg_postmaster_start_time()::text"
# Of which table of which server the rows are, and as what: a column that is added changes them too.
_SHAPE = """
select quote_ident(%s), array[
  {server},
  (select oid::text from pg_database where datname = current_database()), c.oid::text,
  (select string_agg(concat_ws(' ', attnum, attname, atttypid, atttypmod), ', ' order by attnum)
   from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)],
  pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
  pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
  exists(select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attname = %s
    where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate
      and i.indpred is null and i.indnkeyatts = 1 and i.indkey[0] = a.attnum and a.attnotnull)
from pg_class c where c.oid = to_regclass(%s)
"""
_SHA = "sha256(convert_to(rows::text, 'UTF8'))"
_WRITTEN = "age(xmin) <= age('{since}'::xid)"
_ALL = "select coalesce({id}::text, ''), {sha} from {table} rows"
# One row, with all that was written in an array of it: so one scan does both.
_SINCE = """
select count(*), coalesce(array_agg(encode({sha}, 'hex') || {id}::text)
  filter (where {written}), array[]::text[]) from {table} rows
"""
_IDS = "select {id}::text from {table} rows"


class _Look(NamedTuple):
    """What the server says of a table, all of it at one moment.

    horizon: the first transaction that may still be under way. next: the first one to come.
    is_key: whether there is at most one row of each id, as the server sees to it.
    """

    id_column: str
    shape: str
    horizon: int
    next: int
    is_key: bool


async def digest_table(
    connection: "AsyncConnection[Any]", table: str, id_column: str, memory: Path
) -> Corpus:
    """table: as PostgreSQL quotes it. The transaction must see one state all the way."""
    await connection.execute(_SAME_TEXT)
    look = await _look(connection, table, id_column)
    with _Rows(memory, look) as rows:
        if rows.since is None or not await _catch_up(connection, table, rows, look):
            await _read_all(connection, table, rows, look)
        return rows.corpus()


async def _look(connection: "AsyncConnection[Any]", table: str, id_column: str) -> _Look:
    may_see = await (await connection.execute(_MAY_SEE)).fetchone()
    query = _SHAPE.format(server=_TIMELINE if may_see == (True,) else _STARTED)
    found = await (await connection.execute(query, [id_column, id_column, table])).fetchone()
    assert found is not None
    quoted, shape, *numbers = found
    return _Look(quoted, digest_of(shape), *numbers)


async def _read_all(
    connection: "AsyncConnection[Any]", table: str, rows: "_Rows", look: _Look
) -> None:
    rows.forget()
    query = _ALL.format(id=look.id_column, sha=_SHA, table=table)
    async for some in _fetched(connection, query):
        rows.add_new([(name, bytes(sha)) for name, sha in some])


async def _catch_up(
    connection: "AsyncConnection[Any]", table: str, rows: "_Rows", look: _Look
) -> bool:
    """Read what was written since; False where that does not tell, and all must be read."""
    psycopg = driver("psycopg", extra="postgres")
    written = _WRITTEN.format(since=rows.since)
    query = _SINCE.format(id=look.id_column, sha=_SHA, written=written, table=table)
    try:
        async with connection.transaction():
            found = await (await connection.execute(query)).fetchone()
    except psycopg.errors.ProgramLimitExceeded:  # so much was written that no array holds it
        return False
    assert found is not None
    count, changed = int(found[0]), found[1]
    for one in changed:
        rows.set(one[_SHA_HEX:], bytes.fromhex(one[:_SHA_HEX]))
    if rows.count > count:
        query = _IDS.format(id=look.id_column, table=table)
        rows.keep_only([n for (n,) in await (await connection.execute(query)).fetchall()])
    return rows.count == count


async def _fetched(connection: "AsyncConnection[Any]", query: str) -> AsyncIterator[list[Any]]:
    """Some rows at a time."""
    async with connection.cursor(name="gameday_digest") as cursor:
        await cursor.execute(query)
        while some := await cursor.fetchmany(_AT_ONCE):
            yield some


class _Rows:
    """The share of each row that was known at the last look."""

    def __init__(self, memory: Path, look: _Look) -> None:
        """Raises ComponentError."""
        self._db: sqlite3.Connection = open_memory(memory, _SCHEMA)
        self._look = look
        row = self._db.execute("select shape, horizon, total, documents from looks").fetchone()
        shape, horizon, total, count = row or ("", 0, b"", 0)
        self._total, self.count = int.from_bytes(total, "big"), int(count)
        # By 32 bits, as rows have it; None where nothing is known, or told apart any more.
        known = look.is_key and shape == look.shape and 0 <= look.next - horizon < _TOLD_APART
        self.since = horizon % (1 << 32) if known else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if error is None:
            self._db.execute("delete from looks")
            kept = (self._look.shape, self._look.horizon, packed(self._total), self.count)
            self._db.execute("insert into looks values (?, ?, ?, ?)", kept)
        close_memory(self._db, failed=error is not None)

    def forget(self) -> None:
        self._db.execute("delete from rows")
        self._total = self.count = 0

    def add_new(self, rows: Sequence[tuple[str, bytes]]) -> None:
        """Rows by id, none of which is known, with the digest of their text."""
        shares = [(name, digest_of_document(name, sha)) for name, sha in rows]
        self._total += sum(share for _, share in shares)
        self.count += len(shares)
        if self._look.is_key:
            kept = ((name, packed(share)) for name, share in shares)
            self._db.executemany("insert into rows values (?, ?)", kept)

    def set(self, name: str, sha: bytes) -> None:
        """One row, in the place of the one of its id if there is one."""
        self._take_out(name)
        share = digest_of_document(name, sha)
        self._db.execute("insert or replace into rows values (?, ?)", (name, packed(share)))
        self._total += share
        self.count += 1

    def keep_only(self, names: Iterable[str]) -> None:
        """Take out all rows but those of these ids."""
        self._db.execute("create temp table there (id text primary key) without rowid")
        self._db.executemany("insert or ignore into there values (?)", ((n,) for n in names))
        gone = self._db.execute("select id from rows where id not in (select id from there)")
        for (name,) in gone.fetchall():
            self._take_out(name)
            self._db.execute("delete from rows where id = ?", (name,))

    def corpus(self) -> Corpus:
        return corpus_of([Digest(self._total, self.count)])

    def _take_out(self, name: str) -> None:
        row = self._db.execute("select share from rows where id = ?", (name,)).fetchone()
        if row is not None:
            self._total -= int.from_bytes(row[0], "big")
            self.count -= 1
