"""A copy of a table with an edit in it, made for a drill, and dropped after it.

The table itself is never written to. Whether somebody else wrote to the copy meanwhile is told by
the rows' own `xmin`: all of ours are of one transaction.
"""

import json
from typing import TYPE_CHECKING, Any

from gameday.components._edit import Edit
from gameday.components._postgres_view import Table, View, quoted, table_of
from gameday.domain.component import digest_of, shown
from gameday.domain.errors import ComponentError

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_NAME_MAX = 40  # characters of the table's name in the copy's; PostgreSQL has 63 for it all
_TYPE = """
select quote_ident(attname), format_type(atttypid, atttypmod), t.typcategory = 'A',
  t.typname in ('json', 'jsonb')
from pg_attribute a join pg_type t on t.oid = a.atttypid
where attrelid = to_regclass(%s) and attname = %s and attnum > 0 and not attisdropped
"""


class Column:
    """One column, and how a value is given to it and compared with it."""

    def __init__(self, name: str, kind: str, *, is_array: bool, is_json: bool) -> None:
        self.name = name
        self._kind = "jsonb" if is_json else kind
        self._is_array = is_array
        self._is_json = is_json

    @property
    def sets(self) -> str:
        return f"{self.name} = {self.value}"

    @property
    def value(self) -> str:
        return f"%s::{self._kind}"

    @property
    def holds(self) -> str:
        read = f"{self.name}::jsonb" if self._is_json else self.name
        return f"{read} is not distinct from {self.value}"

    def given(self, value: Any) -> Any:
        """A JSON value as the driver takes it; a vector is written like a list of JSON."""
        if value is None or (isinstance(value, str) and not self._is_json):
            return value
        return value if isinstance(value, list) and self._is_array else json.dumps(value)


class Rows:
    """The documents of one table, each a row by its id."""

    def __init__(
        self, connection: "AsyncConnection[Any]", table: str, *, id_column: str, text_column: str
    ) -> None:
        self._connection = connection
        self._table = table
        self._id_column = id_column
        self._text_column = text_column

    async def apply(self, edit: Edit) -> None:
        """Raises ComponentError for a column or an id that does not fit."""
        key = await self._column(self._id_column)
        for name, document in edit.put.items():
            columns, values = await self._given(document)
            sets = ", ".join(column.sets for column in columns)
            done = await self._connection.execute(
                f"update {self._table} set {sets} where {key.sets}", [*values, name]
            )
            if done.rowcount > 1:
                raise ComponentError(f"{name} is the id of {done.rowcount} rows; expected one")
            if done.rowcount == 0:
                names = ", ".join(column.name for column in (key, *columns))
                marks = ", ".join(column.value for column in (key, *columns))
                await self._connection.execute(
                    f"insert into {self._table} ({names}) overriding system value values ({marks})",
                    [name, *values],
                )
        for name in edit.delete:
            await self._connection.execute(f"delete from {self._table} where {key.sets}", [name])

    async def differ(self, edit: Edit) -> str:
        """How what is there is not what the edit leaves, in a sentence; '' when it is."""
        key = await self._column(self._id_column)
        for name, document in edit.put.items():
            columns, values = await self._given(document)
            holds = " and ".join(column.holds for column in columns)
            rows = await self._connection.execute(
                f"select {holds} from {self._table} where {key.sets}", [*values, name]
            )
            if await rows.fetchall() != [(True,)]:
                return f"{name} is not as the edit leaves it"
        gone = await self.missing(edit.delete)
        still = [name for name in edit.delete if name not in gone]
        return f"{still[0]} is still there" if still else ""

    async def missing(self, ids: tuple[str, ...]) -> list[str]:
        """Those of the ids that no row has."""
        key, found = await self._column(self._id_column), []
        for name in ids:
            rows = await self._connection.execute(
                f"select from {self._table} where {key.sets}", [name]
            )
            found += [name] if not await rows.fetchall() else []
        return found

    async def _given(self, document: str | dict[str, Any]) -> tuple[list[Column], list[Any]]:
        row = {self._text_column: document} if isinstance(document, str) else document
        if not row or self._id_column in row:
            raise ComponentError(
                f"found {shown(row)}; expected columns to set, and {self._id_column} is not one"
            )
        columns = [await self._column(name) for name in row]
        values = [one.given(value) for one, value in zip(columns, row.values(), strict=True)]
        return columns, values

    async def _column(self, name: str) -> Column:
        found = await (await self._connection.execute(_TYPE, [self._table, name])).fetchone()
        if found is None:
            raise ComponentError(f"{self._table} has no column {name}")
        return Column(found[0], found[1], is_array=found[2], is_json=found[3])


def copy_name(schema: str, relation: str, edit: Edit) -> str:
    """What the copy of a table with an edit is called: the same for the same."""
    mark = digest_of([schema, relation, edit.model_dump(mode="json")])[:12]
    return f"{quoted(schema)}.{quoted(f'{relation[:_NAME_MAX]}_gameday_{mark}')}"


async def make_copy(connection: "AsyncConnection[Any]", view: View, copy: str) -> None:
    """Copy the table that the view shows; whoever would write to it waits.

    Raises ComponentError when there is a table of that name that others use.
    """
    table, left = await table_of(connection, view.table), await table_of(connection, copy)
    assert table is not None
    if left is not None:
        # A view that was led back by hand leaves the copy behind.
        if await written_by_others(connection, left):
            raise ComponentError(f"there is a table {copy} already, which others write to")
        await connection.execute(f"drop table {copy}")
    names = ", ".join(table.columns)
    await connection.execute(f"lock table {table.name} in share mode")
    await connection.execute(f"create table {copy} (like {table.name} including all)")
    await connection.execute(
        f"insert into {copy} ({names}) overriding system value select {names} from {table.name}"
    )


async def mark_copy(connection: "AsyncConnection[Any]", copy: str, origin: str) -> None:
    """Write into its comment what it is, and by what its rows are known."""
    rows = await connection.execute(f"select count(*), pg_current_xact_id()::xid::text from {copy}")
    found = await rows.fetchone()
    assert found is not None
    mark = {"gameday": "made for a drill", "from": origin, "rows": found[0], "xid": found[1]}
    text = json.dumps(mark).replace("'", "''")
    await connection.execute(f"comment on table {copy} is '{text}'")


async def written_by_others(connection: "AsyncConnection[Any]", table: Table) -> str:
    """How a copy is no longer as it was made, in words; '' where it is as it was."""
    mark = _mark_of(table)
    if mark is None:
        return "rows that are nobody's copy"
    await connection.execute(f"lock table {table.name} in share mode")
    rows = await connection.execute(
        f"select count(*), count(*) filter (where xmin::text <> %s) from {table.name}",
        [mark["xid"]],
    )
    found = await rows.fetchone()
    assert found is not None
    count, theirs = found
    if theirs:
        return f"{theirs} rows that somebody else wrote"
    return f"{count} rows instead of {mark['rows']}" if count != mark["rows"] else ""


def is_copy_of(table: Table | None, origin: str) -> bool:
    mark = _mark_of(table) if table else None
    return mark is not None and mark["from"] == origin


def _mark_of(table: Table) -> dict[str, Any] | None:
    try:
        mark = json.loads(table.comment)
    except ValueError:
        return None
    known = isinstance(mark, dict) and {"gameday", "from", "rows", "xid"} <= mark.keys()
    return mark if known else None
