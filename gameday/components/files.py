"""The backend `files`: documents that are the files of a folder, under git or not."""

from collections.abc import Iterable
from typing import Annotated, Any, Protocol, Self

from pydantic import Field, model_validator

from gameday.components._documents import Documents, DocumentsBackend
from gameday.components._edit import Edit, edit_of
from gameday.components._folder import Folder
from gameday.components._git import VARIABLES, Branch
from gameday.components._git_folder import GitFolder
from gameday.components._process import Argv, Shell, refuse_words
from gameday.domain.component import Version, shown
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.ports import Undo
from gameday.domain.quantities import Seconds

_BRANCH = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$"


class Shelf(Protocol):
    """Where the documents are: a plain folder, or one on a branch."""

    async def version(self) -> Version: ...

    async def kept(self, ids: Iterable[str]) -> Documents: ...

    async def edited(self, edit: Edit, before: Documents) -> Documents:
        """The documents of `before` as the edit leaves them."""

    async def remembered(self, ids: Iterable[str]) -> Undo:
        """What else a revert of these documents needs."""

    async def put(self, documents: Documents, before: Documents, undo: Undo) -> None:
        """Raises MovedOnError when what is in `before` is no longer there, if it can be told."""

    async def settle(self, documents: Documents, undo: Undo) -> None: ...


class Files(DocumentsBackend):
    """The files of a folder, whole documents each, changed by edits or to a revision.

    An edit is `{put: {ID: TEXT}, delete: [ID]}`, an id the file's path in the folder. With
    `repository`, the folder is one of that git repository, each change and revert is a commit, and
    a change may also be to a revision: a tag, a branch, a commit. `reindex` is run after each, as
    documents that are back are no index that is back.
    """

    folder: Annotated[str, Field(min_length=1, max_length=400, examples=["corpus"])]
    repository: str | None = None
    branch: Annotated[str, Field(pattern=_BRANCH, examples=["main"])] | None = None  # HEAD's
    push: Annotated[str, Field(pattern=_BRANCH, examples=["origin"])] | None = None
    reindex: Argv | None = None  # run in the target file's folder
    # Where digests are remembered, so that only files with another stamp are read again.
    memory: str = ".gameday/digests"
    timeout: Seconds = 60.0

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        refuse_words("reindex", self.reindex or (), frozenset())
        if self.repository is None and (self.branch or self.push):
            raise ValueError("branch and push need repository: the git repository that is meant")
        if self.push is not None and self.branch is None:
            raise ValueError("push needs branch: which of the remote's branches is meant")
        return self

    @property
    def what(self) -> str:
        return self.folder

    def kept_in(self, document: Any, undo: Undo) -> str:  # noqa: ARG002 - the contract
        if document is None:
            return ""
        if self.repository is None:
            return "the injector's journal has its bytes, in base64"
        return f"git cat-file blob {document[1]}"

    async def read(self) -> Version:
        return await self._shelf().version()

    async def touched(self, to: Any) -> list[str]:
        if isinstance(to, str):
            return await self._revisions(to).differing(await self._revisions(to).commit_of(to))
        return edit_of(to).ids

    async def kept(self, ids: Iterable[str]) -> Documents:
        return await self._shelf().kept(ids)

    async def snapshot(self, to: Any = None) -> Undo:
        undo = await super().snapshot(to)
        undo |= await self._shelf().remembered(undo["documents"])
        if isinstance(to, str):
            # What a branch or `HEAD~1` stands for is another commit after the change.
            undo["commit"] = await self._revisions(to).commit_of(to)
        return undo

    async def wanted(self, to: Any, undo: Undo) -> Documents:
        before: Documents = undo["documents"]
        if isinstance(to, str):
            return await self._revisions(to).at(undo["commit"], before)
        edit = edit_of(to)
        if set(edit.ids) != before.keys():
            raise ComponentError("other documents were read than the edit touches")
        return await self._shelf().edited(edit, before)

    async def put(self, documents: Documents, before: Documents, undo: Undo) -> None:
        await self._shelf().put(documents, before, undo)

    async def settle(self, documents: Documents, undo: Undo) -> None:
        await self._shelf().settle(documents, undo)
        if self.reindex is not None:
            await Shell(self._beside, self.timeout).good(self.reindex)

    async def verify(self, wanted: Any) -> str:
        if isinstance(wanted, str):
            commit = await self._revisions(wanted).commit_of(wanted)
            others = await self._revisions(wanted).differing(commit)
            return f"{others[0]} in {self.what} is not as in {wanted}" if others else ""
        before = await self.kept(edit_of(wanted).ids)
        return await self.differs(await self.wanted(wanted, {"documents": before}))

    @property
    def asks_ready(self) -> bool:
        return True

    async def ready(self, to: Any) -> str:
        if isinstance(to, str):
            try:
                await self._revisions(to).commit_of(to)
            except ComponentUnreachableError:
                raise
            except ComponentError:
                return f"{shown(to)} is no revision of {self.repository}"
            return ""
        edit = edit_of(to)
        shelf = self._shelf()
        if isinstance(shelf, Folder) and (why_not := shelf.denied(edit.ids)):
            return why_not
        now = await self.kept(edit.ids)
        missing = [name for name in edit.delete if now[name] is None]
        return f"{missing[0]} is not there, so that nothing is deleted" if missing else ""

    def _revisions(self, revision: str) -> GitFolder:
        if self.repository is None:
            raise ComponentError(
                f"{shown(revision)}: a folder that is not under git has no revisions",
                next_step="give an edit, {put: {ID: TEXT}, delete: [ID]}, or name the repository",
            )
        return self._git(self.repository)

    def _shelf(self) -> Shelf:
        if self.repository is not None:
            return self._git(self.repository)
        return Folder(self._beside / self.folder, self._beside / self.memory)

    def _git(self, repository: str) -> GitFolder:
        shell = Shell(self._beside / repository, self.timeout, variables=VARIABLES)
        return GitFolder(Branch(shell, self.branch or "", self.push or ""), self.folder)
