"""The backend `git_file`: one value in a configuration file that is kept in git."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gameday.components._git import VARIABLES, Branch, Entry, Touch
from gameday.components._process import Argv, Shell, filled, refuse_words
from gameday.components._value import Held, ValueBackend
from gameday.components._yaml_place import Place, Where, find, replaced, written
from gameday.domain.component import Version, shown, version_of
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.json_path import JsonPath, split_path
from gameday.domain.ports import Undo
from gameday.domain.quantities import Seconds

_FILE = r"^[^/\s:][^\n:]{0,400}$"  # from the top of the repository
_TOUCHES_MAX = 20  # commits of the file that are looked through for who set the value
_BRANCH = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$"


class GitFile(ValueBackend):
    """One value in a YAML or JSON file that is kept in git, set by a commit.

    Only the value's own characters are touched, so comments and order stay. A revert is a new
    commit; nothing is forced. Without `push` the branch is this repository's, and where it is
    checked out, so is the change. With it, the branch is the remote's of that name, and the work
    tree is left alone. `reload` is run after every commit, and again when in doubt.
    """

    repository: str = "."
    file: Annotated[str, Field(pattern=_FILE, examples=["config/router.yaml"])]
    # A list where a name has a dot in it.
    path: JsonPath | Annotated[tuple[str | int, ...], Field(min_length=1, max_length=20)]
    branch: Annotated[str, Field(pattern=_BRANCH, examples=["main"])] | None = None  # HEAD's
    push: Annotated[str, Field(pattern=_BRANCH, examples=["origin"])] | None = None
    reload: Argv | None = None  # run in the target file's folder
    ready_argv: Annotated[Argv | None, Field(alias="ready")] = None  # with {{to}}
    timeout: Seconds = 20.0

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        refuse_words("reload", self.reload or (), frozenset())
        refuse_words("ready", self.ready_argv or (), frozenset({"to"}))
        if self.push is not None and self.branch is None:
            raise ValueError("push needs branch: which of the remote's branches is meant")
        if ".." in self.file.split("/"):
            raise ValueError("file: expected a path inside the repository")
        return self

    @property
    def what(self) -> str:
        return f"{'.'.join(map(str, self._where))} in {self.file}"

    async def held(self) -> Held:
        tip = await self._branch().tip()
        return Held((await self._place(tip)).value, tip)

    async def read(self) -> Version:
        now = await self.held()
        touch = await self._last_set(now)
        return version_of(
            now.value, by=touch.by if touch else "", changed_at=touch.at if touch else None
        )

    async def _last_set(self, now: Held) -> Touch | None:
        """The commit that made the value what it is; None where many others came after it.

        Most commits of a file leave this value as it is.
        """
        for touch in await self._branch().touches(now.tag, self.file, _TOUCHES_MAX):
            try:
                before = await self._place(f"{touch.commit}^")
            except ComponentUnreachableError:
                raise
            except ComponentError:
                return touch  # before it there was no such value
            if not self.same(before.value, now.value):
                return touch
        return None

    async def snapshot(self, to: Any = None) -> Undo:  # noqa: ARG002 - one value
        place = await self._place(await self._branch().tip())
        return {"value": place.value, "raw": place.raw}

    async def put(self, value: Any, before: Held) -> None:
        as_json = self.file.endswith(".json")
        raw = written(value, await self._place(before.tag), as_json=as_json)
        await self._commit(raw, before, f"Set {self.what} to {shown(value)}")

    async def put_back(self, undo: Undo, before: Held) -> None:
        message = f"Put {self.what} back to {shown(undo['value'])}"
        await self._commit(undo["raw"], before, message)

    async def settle(self) -> None:
        await self._branch().check_out([self.file])
        if self.reload is not None:
            await self._shell().good(self.reload)

    async def verify(self, wanted: Any) -> str:
        if differs := self.differs((await self.held()).value, wanted):
            return differs
        top = await self._branch().work_tree()
        if top is None:
            return ""
        in_use = top / self.file
        if not in_use.is_file():
            return f"{in_use} is not there"
        return self.differs(self._found(in_use.read_bytes()).value, wanted)

    async def verify_reverted(self, undo: Undo) -> str:
        if differs := await self.verify(undo["value"]):
            return differs
        place = await self._place(await self._branch().tip())
        return "" if place.raw == undo["raw"] else f"{self.what} is written {place.raw} now"

    @property
    def asks_ready(self) -> bool:
        return self.ready_argv is not None

    async def ready(self, to: Any) -> str:
        if self.ready_argv is None:
            return ""
        return await self._shell().probe(filled(self.ready_argv, {"to": to}), to)

    @property
    def _where(self) -> Where:
        return split_path(self.path) if isinstance(self.path, str) else self.path

    async def _commit(self, raw: str, before: Held, message: str) -> None:
        branch = self._branch()
        entry = await self._entry(before.tag)
        try:
            made = replaced(self._text(await branch.content(entry.blob)), self._where, raw)
        except ValueError as error:
            raise ComponentError(f"{self.file}: {error}") from error
        message += f"\n\nIt was {shown(before.value)}."
        changed = Entry(entry.mode, await branch.blob(made.encode()))
        await branch.commit(before.tag, {self.file: changed}, message)

    async def _entry(self, commit: str) -> Entry:
        entry = (await self._branch().entries(commit, [self.file]))[self.file]
        if entry is None:
            raise ComponentError(f"{self.file} is not there in {self.repository}")
        return entry

    async def _place(self, commit: str) -> Place:
        return self._found(await self._branch().content((await self._entry(commit)).blob))

    def _found(self, content: bytes) -> Place:
        try:
            return find(self._text(content), self._where)
        except ValueError as error:
            raise ComponentError(f"{self.file}: {error}") from error

    def _text(self, content: bytes) -> str:
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise ComponentError(f"{self.file} is not UTF-8") from error

    def _branch(self) -> Branch:
        folder = self._beside / self.repository
        shell = Shell(folder, self.timeout, variables=VARIABLES)
        return Branch(shell, self.branch or "", self.push or "")

    def _shell(self) -> Shell:
        return Shell(self._beside, self.timeout)
