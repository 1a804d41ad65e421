"""The digest of a table's rows: only those pages are read whose rows are others than before.

A row that is written gets another `xmin`, and one that is gone is missing in its page's count,
so a scan that looks at nothing but rows' headers tells which pages to read.
"""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gameday.components._digests import Corpus, Digest, Digests, digests_of

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_PAGES_IN_GROUP = 4096
# What a row is as text must not depend on who asks.
_SAME_TEXT = """
set local datestyle = 'ISO'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
set local extra_float_digits = 1; set local bytea_output = 'hex'; set local lc_monetary = 'C';
"""
_PAGES = """
select at[0]::bigint, count(*), sum(xid), sum(at[1]), max(at[1])::bigint
from (select ctid::text::point as at, xmin::text::bigint as xid from {table}) rows
group by 1 order by 1
"""
_ROWS = """
select (ctid::text::point)[0]::bigint as page, {id}::text,
  sha256(convert_to(rows::text, 'UTF8'))
from {table} rows
where ctid = any(array(
  select format('(%%s,%%s)', page, place)::tid
  from unnest(%s::bigint[], %s::bigint[]) as p(page, last), generate_series(1, last) place))
order by 1
"""


async def digest_table(
    connection: "AsyncConnection[Any]", table: str, id_column: str, memory: Path
) -> Corpus:
    """table: as PostgreSQL quotes it."""
    await connection.execute(_SAME_TEXT)
    quoted = await (await connection.execute("select quote_ident(%s)", [id_column])).fetchone()
    assert quoted is not None
    query = _ROWS.format(table=table, id=quoted[0])
    pages = await (await connection.execute(_PAGES.format(table=table))).fetchall()
    with Digests(memory) as digests:
        for group, rows in groupby(pages, key=lambda page: page[0] // _PAGES_IN_GROUP):
            found = {str(page): (last, mark) for page, *mark, last in rows}
            stamps = {page: repr(mark).encode() for page, (_, mark) in found.items()}
            stale = digests.stale(str(group), stamps)
            if stale is None:
                continue
            wanted = [int(page) for page in stale], [found[page][0] for page in stale]
            read = await (await connection.execute(query, wanted)).fetchall()
            sums = {
                str(page): digests_of((name, bytes(digest)) for _, name, digest in documents)
                for page, documents in groupby(read, key=lambda row: row[0])
            }
            digests.keep(str(group), stamps, {page: sums.get(page, Digest(0, 0)) for page in stale})
        return digests.corpus()
