"""The backend `postgres`: the rows of a table that a view shows."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gameday.components._asking import secret_of
from gameday.components._edit import Edit, edit_of
from gameday.components._postgres_copy import (
    Rows,
    copy_name,
    is_copy_of,
    make_copy,
    mark_copy,
    written_by_others,
)
from gameday.components._postgres_digest import digest_table
from gameday.components._postgres_view import (
    Database,
    Table,
    View,
    denied,
    lead,
    misfit,
    table_of,
    view_of,
)
from gameday.components._value import Held, MovedOnError, ValueBackend
from gameday.domain.component import Version, digest_of, shown
from gameday.domain.errors import ChangedByOthersError, ComponentError
from gameday.domain.names import SecretRef
from gameday.domain.ports import Undo
from gameday.domain.quantities import Seconds

_NAME = r"^([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,62}$"
_COLUMN = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"


class Postgres(ValueBackend):
    """The documents that a view shows, each a row of the one table behind it.

    A change to a table's name leads the view to that table: a corpus that is kept in versions.
    A change by an edit, `{put: {ID: {COLUMN: VALUE}}, delete: [ID]}`, leads it to a copy of the
    table with the edit in it; the table itself is never written to. A text alone is put into
    `text_column`. Copy and swap are one transaction. Needs the extra `postgres`.
    """

    connection: SecretRef  # as libpq takes it: postgresql://USER:PASSWORD@HOST/DATABASE
    view: Annotated[str, Field(pattern=_NAME, examples=["public.passages"])]
    id_column: Annotated[str, Field(pattern=_COLUMN)] = "id"
    text_column: Annotated[str, Field(pattern=_COLUMN)] = "text"
    memory: str = ".gameday/digests"  # where the digests of pages are remembered
    timeout: Seconds = 60.0  # of a statement: the copy of a large table takes its time

    @model_validator(mode="after")
    def _id_is_no_text(self) -> Self:
        if self.id_column == self.text_column:
            raise ValueError("id_column and text_column are the same column")
        return self

    @property
    def what(self) -> str:
        return f"view {self.view}"

    def same(self, one: Any, other: Any) -> bool:
        """A table without its schema is one of `public`."""
        return bool(_full(one) == _full(other))

    def meant(self, to: Any, undo: Undo) -> Any:
        if isinstance(to, str):
            return _full(to)
        return copy_name(undo["schema"], undo["relation"], edit_of(to))

    async def held(self) -> Held:
        async with self._database().transaction() as connection:
            return Held((await view_of(connection, self.view)).table)

    async def read(self) -> Version:
        async with self._database().transaction(one_state=True) as connection:
            table = (await view_of(connection, self.view)).table
            memory = self._beside / self.memory / f"{digest_of([self.what, table])[:16]}.sqlite"
            corpus = await digest_table(connection, table, self.id_column, memory)
            label = f"{table}, {corpus.documents:,} rows"
            return Version(label=label, digest=corpus.digest, back=table)

    async def snapshot(self, to: Any = None) -> Undo:  # noqa: ARG002 - the table stays as it is
        async with self._database().transaction() as connection:
            view = await view_of(connection, self.view)
            return {
                "value": view.table,
                "schema": view.schema,
                "relation": view.relation,
                "definition": view.definition,
                "options": list(view.options),
            }

    async def put(self, value: Any, before: Held) -> None:
        async with self._database().transaction() as connection:
            view = await view_of(connection, self.view)
            if view.table != before.value:
                raise MovedOnError
            if isinstance(value, str):
                await lead(connection, view, (await self._fitting(connection, view, value)).name)
                return
            edit = edit_of(value)
            copy = copy_name(view.schema, view.relation, edit)
            await make_copy(connection, view, copy)
            await self._rows(connection, copy).apply(edit)
            await mark_copy(connection, copy, view.table)
            await lead(connection, view, copy)

    async def put_back(self, undo: Undo, before: Held) -> None:
        async with self._database().transaction() as connection:
            view = await view_of(connection, self.view)
            if view.table != before.value:
                raise MovedOnError
            await lead(connection, view, undo["value"])
            copy = await table_of(connection, before.value)
            if copy is None or not is_copy_of(copy, undo["value"]):
                return
            if theirs := await written_by_others(connection, copy):
                raise ChangedByOthersError(
                    self.what, found=f"{copy.name} with {theirs}", ours=copy.name,
                    before=undo["value"],
                    kept=f"write what is theirs in {copy.name} to {undo['value']} as well",
                )  # fmt: skip
            await connection.execute(f"drop table {copy.name}")

    async def verify(self, wanted: Any) -> str:
        if isinstance(wanted, str):
            return await super().verify(wanted)
        edit = edit_of(wanted)
        async with self._database().transaction() as connection:
            table = (await view_of(connection, self.view)).table
            differ = await self._rows(connection, table).differ(edit)
            return f"{self.what}: {differ}" if differ else ""

    async def verify_reverted(self, undo: Undo) -> str:
        now = await self.snapshot()
        if now == undo:
            return ""
        return f"{self.what} is {now['value']}, not exactly what it was: {undo['value']}"

    @property
    def asks_ready(self) -> bool:
        return True

    async def ready(self, to: Any) -> str:
        async with self._database().transaction() as connection:
            view = await view_of(connection, self.view)
            if why_not := await denied(connection, view, makes_copy=not isinstance(to, str)):
                return why_not
            if not isinstance(to, str):
                return await self._ready_for(edit_of(to), self._rows(connection, view.table))
            try:
                table = await self._fitting(connection, view, to)
            except ComponentError as error:
                return error.sentence
            some = await connection.execute(f"select from {table.name} limit 1")
            return "" if await some.fetchall() else f"table {shown(to)} is empty"

    async def _fitting(self, connection: Any, view: View, name: str) -> Table:
        """The table that the view is to show. Raises ComponentError where it cannot."""
        table = await table_of(connection, _full(name))
        if table is None:
            raise ComponentError(f"there is no table {shown(name)}")
        if why_not := misfit(view, table):
            raise ComponentError(why_not)
        return table

    async def _ready_for(self, edit: Edit, rows: Rows) -> str:
        missing = await rows.missing(edit.delete)
        return f"{missing[0]} is not there, so that nothing is deleted" if missing else ""

    def _rows(self, connection: Any, table: str) -> Rows:
        return Rows(connection, table, id_column=self.id_column, text_column=self.text_column)

    def _database(self) -> Database:
        return Database(secret_of(self.connection, self._beside), self.timeout)


def _full(table: Any) -> Any:
    return f"public.{table}" if isinstance(table, str) and "." not in table else table
