"""One view over one table of PostgreSQL, and how it is led to another table.

Everything happens in one transaction, so nothing is ever half done. Readers go on meanwhile, and
wait only for the swap itself.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gameday.components._extras import driver
from gameday.components._value import MovedOnError
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.store.redaction import redact

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_CONNECT_S = 5
_LOCK_S = 5
# XX000 is what the text of a view is told by while the table that it showed is dropped.
_NOT_NOW = frozenset(
    {"55P03", "57014", "57P01", "57P02", "57P03", "40001", "40P01", "53300", "XX000"}
)

# Names come from PostgreSQL as it quotes them itself, and only such ones are put into a statement.
_VIEW = """
select format('%%I.%%I', n.nspname, c.relname), pg_get_viewdef(c.oid), c.reloptions,
  array(select quote_ident(attname) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped order by attnum),
  array(select distinct array[tn.nspname::text, t.relname::text,
                     format('%%I.%%I', tn.nspname, t.relname)]
        from pg_depend d
        join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
        join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
        where r.ev_class = c.oid and d.refclassid = 'pg_class'::regclass and t.oid <> c.oid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass(%s) and c.relkind = 'v'
"""
_TABLE = """
select format('%%I.%%I', n.nspname, c.relname),
  array(select quote_ident(attname) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''
        order by attnum),
  array(select quote_ident(attname) from pg_attribute
        where attrelid = c.oid and attnum > 0 and attgenerated <> ''),
  coalesce(obj_description(c.oid, 'pg_class'), '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass(%s) and c.relkind = 'r'
"""


@dataclass(frozen=True)
class View:
    """A view as it stands. table: the one that it shows; schema and relation: its, unquoted."""

    name: str
    schema: str
    relation: str
    table: str
    columns: tuple[str, ...]
    definition: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """generated: the columns that are worked out from others."""

    name: str
    columns: tuple[str, ...]
    generated: tuple[str, ...]
    comment: str


class Database:
    """Where the view is. Each method raises ComponentUnreachableError and ComponentError."""

    def __init__(self, connection: str, timeout_s: float) -> None:
        """connection: as libpq takes it, with its password."""
        self._connection = connection
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def transaction(
        self, *, one_state: bool = False
    ) -> AsyncIterator["AsyncConnection[Any]"]:
        """All or nothing. Raises as every method here does, whatever happens inside.

        one_state: whatever others write meanwhile is not seen.
        """
        psycopg = driver("psycopg", extra="postgres")
        try:
            async with (
                await psycopg.AsyncConnection.connect(
                    self._connection, connect_timeout=_CONNECT_S, autocommit=True
                ) as connection,
                connection.transaction(),
            ):
                if one_state:
                    await connection.execute("set transaction isolation level repeatable read")
                await connection.execute(f"set local lock_timeout = '{_LOCK_S}s'")
                await connection.execute(
                    f"set local statement_timeout = {int(self._timeout_s * 1000)}"
                )
                yield connection
        except psycopg.Error as error:
            said = self._hide(" ".join(str(error).split()) or type(error).__name__)[:200]
            # Without a state there was no answer: no connection, or one that broke.
            gone = error.sqlstate is None or error.sqlstate in _NOT_NOW
            kind = ComponentUnreachableError if gone else ComponentError
            raise kind(f"PostgreSQL: {said}") from None

    def _hide(self, text: str) -> str:
        """No part of the connection's string but its host and port may be told."""
        conninfo = driver("psycopg.conninfo", extra="postgres")
        psycopg = driver("psycopg", extra="postgres")
        try:
            secret = conninfo.conninfo_to_dict(self._connection).get("password")
        except psycopg.ProgrammingError:
            return "the connection string cannot be read"
        text = text.replace(self._connection, "[secret]")
        return redact(text.replace(str(secret), "[secret]") if secret else text)


async def view_of(connection: "AsyncConnection[Any]", name: str) -> View:
    """Raises ComponentError where it is no view over one table."""
    row = await (await connection.execute(_VIEW, [name])).fetchone()
    if row is None:
        raise ComponentError(f"there is no view {name}")
    name, definition, options, columns, tables = row
    if len(tables) != 1:
        raise ComponentError(f"view {name} is over {len(tables)} tables; expected one")
    schema, relation, table = tables[0]
    shown = tuple(columns)
    return View(name, schema, relation, table, shown, definition, tuple(options or ()))


async def table_of(connection: "AsyncConnection[Any]", name: str) -> Table | None:
    """The table of that name; None where there is none."""
    row = await (await connection.execute(_TABLE, [name])).fetchone()
    return None if row is None else Table(row[0], tuple(row[1]), tuple(row[2]), row[3])


def misfit(view: View, table: Table) -> str:
    """Why the view cannot show that table, in a sentence; '' when it can."""
    missing = [name for name in view.columns if name not in (*table.columns, *table.generated)]
    return f"{table.name} has no column {missing[0]}, which the view shows" if missing else ""


async def lead(connection: "AsyncConnection[Any]", view: View, table: str) -> None:
    """Let the view show `table`, from what it shows in `view`.

    Raises MovedOnError when it shows something else by now, and ComponentError when the view is
    more than columns of one table, which would be lost.
    """
    await connection.execute(f"lock table {view.name} in access exclusive mode")
    if await view_of(connection, view.name) != view:
        raise MovedOnError
    await _select_from(connection, view, view.table)
    if await view_of(connection, view.name) != view:
        raise ComponentError(
            f"view {view.name} is more than columns of one table; led to another one, that "
            "would be lost",
            next_step=f"let {view.name} be `select` its columns `from` one table",
        )
    await _select_from(connection, view, table)


async def _select_from(connection: "AsyncConnection[Any]", view: View, table: str) -> None:
    options = f"with ({', '.join(view.options)})" if view.options else ""
    columns = ", ".join(view.columns)
    await connection.execute(
        f"create or replace view {view.name} {options} as select {columns} from {table}"
    )


def quoted(name: str) -> str:
    """An identifier as PostgreSQL writes it, if it is none of its own words."""
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name)
    return name if plain else '"' + name.replace('"', '""') + '"'


async def denied(connection: Any, view: View, *, makes_copy: bool) -> str:
    """Which right the account lacks to change the view, in a sentence; '' where it has them.

    makes_copy: whether a table is made beside it. Asks the catalog, and changes nothing.
    """
    found = await connection.execute(
        "select current_user::text, pg_has_role(relowner, 'usage'), "
        "has_schema_privilege(%s, 'create') from pg_class where oid = to_regclass(%s)",
        (view.schema, view.name),
    )
    ((account, owns, creates),) = await found.fetchall()
    if not owns:
        return f"the account {account} may not change the view {view.name}: it is not its owner's"
    if makes_copy and not creates:
        return f"the account {account} may not make a table in the schema {view.schema}"
    return ""
