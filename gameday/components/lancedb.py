"""The backend `lancedb`: the rows of a table of LanceDB."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, model_validator

from gameday.components._documents import Documents, DocumentsBackend
from gameday.components._edit import edit_of
from gameday.components._lance_digest import digest_dataset
from gameday.components._lance_table import LanceTable
from gameday.domain.component import Version, digest_of, shown
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.ports import Undo
from gameday.domain.quantities import Seconds

_WHOLE = ""  # no document has this id: the table as one
_COLUMN = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
Found = TypeVar("Found")


class Lancedb(DocumentsBackend):
    """The rows of a table of LanceDB, changed by edits or to one of its versions.

    An edit is `{put: {ID: {COLUMN: VALUE}}, delete: [ID]}`, a text alone is put into `text_column`.
    A version is a number or a tag. Without `tag` readers see the latest version, and a change to
    another one restores it, as a new version. With it, readers are pinned by that tag, and a
    change moves the tag. Tables in the open format, on disk or in object storage; needs the extra
    `lancedb`.
    """

    uri: Annotated[str, Field(min_length=1, max_length=1000, examples=["data/lancedb"])]
    table: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$", examples=["passages"])]
    id_column: Annotated[str, Field(pattern=_COLUMN)] = "id"
    text_column: Annotated[str, Field(pattern=_COLUMN)] = "text"
    tag: (
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$", examples=["production"])] | None
    ) = None
    memory: str = ".gameday/digests"  # where the digests of fragments are remembered
    timeout: Seconds = 60.0

    @model_validator(mode="after")
    def _id_is_no_text(self) -> Self:
        if self.id_column == self.text_column:
            raise ValueError("id_column and text_column are the same column")
        return self

    @property
    def what(self) -> str:
        return f"table {self.table}" + (f" at tag {self.tag}" if self.tag else "")

    def kept_in(self, document: Any, undo: Undo) -> str:
        if "version" in undo:
            return f"version {undo['version']} of the table has it"
        return "the version of the table before the drill's has it" if document else ""

    async def read(self) -> Version:
        return await self._done(self._read)

    async def touched(self, to: Any) -> list[str]:
        if isinstance(to, int | str):
            return [_WHOLE]
        if self.tag is not None:
            raise ComponentError(
                f"readers are pinned by tag {self.tag}, and no edit is seen by them",
                next_step="write the edit as a version of its own, and change to that",
            )
        return edit_of(to).ids

    async def kept(self, ids: Iterable[str]) -> Documents:
        wanted = list(ids)
        if wanted == [_WHOLE]:
            return {_WHOLE: await self._done(lambda: self._table().made_of(self._shown()))}
        return await self._done(lambda: self._table().kept(wanted))

    async def snapshot(self, to: Any = None) -> Undo:
        undo = await super().snapshot(to)
        if isinstance(to, int | str):
            # A tag may be somewhere else after the change.
            undo["to"] = await self._done(lambda: self._table().version_of(to))
            undo["version"] = await self._done(
                lambda: self._shown() or self._table().open().version
            )
        return undo

    async def wanted(self, to: Any, undo: Undo) -> Documents:
        if isinstance(to, int | str):
            return {_WHOLE: await self._done(lambda: self._table().made_of(undo["to"]))}
        edit = edit_of(to)
        if set(edit.ids) != undo["documents"].keys():
            raise ComponentError("other documents were read than the edit touches")
        return await self._done(lambda: self._table().edited(edit, undo["documents"]))

    async def put(self, documents: Documents, before: Documents, undo: Undo) -> None:
        if _WHOLE not in documents:
            await self._done(lambda: self._table().put(documents, before))
            return
        back = documents == undo["documents"]
        await self._done(lambda: self._show(undo["version" if back else "to"], before[_WHOLE]))

    async def verify(self, wanted: Any) -> str:
        if isinstance(wanted, int | str):
            number = await self._done(lambda: self._table().version_of(wanted))
            made_of = await self._done(lambda: self._table().made_of(number))
            now = await self.kept([_WHOLE])
            return "" if now[_WHOLE] == made_of else f"{self.what} is not as {shown(wanted)} is"
        before = await self.kept(await self.touched(wanted))
        return await self.differs(await self.wanted(wanted, {"documents": before}))

    @property
    def asks_ready(self) -> bool:
        return True

    async def ready(self, to: Any) -> str:
        if not isinstance(to, int | str):
            ids = await self.touched(to)
            now = await self.kept(ids)
            missing = [name for name in edit_of(to).delete if now[name] is None]
            return f"{missing[0]} is not there, so that nothing is deleted" if missing else ""
        try:
            await self._done(lambda: self._table().version_of(to))
        except ComponentUnreachableError:
            raise
        except ComponentError as error:
            return error.sentence
        return ""

    def _shown(self) -> int | None:
        """The version that readers see; None for the latest."""
        return None if self.tag is None else self._table().version_of(self.tag)

    def _show(self, version: int, before: str) -> None:
        if self.tag is None:
            self._table().restore(version, latest=before)
        else:
            self._table().open().tags.update(self.tag, version)

    def _read(self) -> Version:
        dataset = self._table().open(self._shown())
        memory = self._beside / self.memory / f"lance-{digest_of(self._uri)[:16]}"
        corpus = digest_dataset(dataset, memory)
        # Lance tells it in the local time, without saying so.
        written_at = dataset.get_version()["timestamp"].astimezone(UTC)
        label = f"{corpus.documents:,} rows"
        return Version(label=label, digest=corpus.digest, changed_at=written_at)

    @property
    def _uri(self) -> str:
        where = self.uri if "://" in self.uri else str(self._beside / self.uri)
        return f"{where.rstrip('/')}/{self.table}.lance"

    def _table(self) -> LanceTable:
        return LanceTable(self._uri, id_column=self.id_column, text_column=self.text_column)

    async def _done(self, work: Callable[[], Found]) -> Found:
        """In a thread: the driver waits for disks and networks."""
        try:
            async with asyncio.timeout(self.timeout):
                return await asyncio.to_thread(work)
        except TimeoutError:
            raise ComponentUnreachableError(
                f"{self.what} did not answer within {self.timeout:g} s"
            ) from None
