"""Documents that are the files of a folder on a branch of a git repository."""

from collections.abc import Iterable

from gameday.components._documents import Documents
from gameday.components._edit import DOCUMENTS_MAX, Edit
from gameday.components._git import Branch, Entries, Entry
from gameday.components._value import MovedOnError
from gameday.domain.component import Version, digest_of
from gameday.domain.errors import ComponentError
from gameday.domain.ports import Undo

_MODE = "100644"


class GitFolder:
    """A document is known by its mode and its blob, which the repository keeps by itself."""

    def __init__(self, branch: Branch, folder: str) -> None:
        """folder: from the top of the repository, '' for the top."""
        self._branch = branch
        self._prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""

    async def kept(self, ids: Iterable[str]) -> Documents:
        return await self.at(await self._branch.tip(), ids)

    async def at(self, commit: str, ids: Iterable[str]) -> Documents:
        """These documents as a commit has them."""
        paths = {self._path(name): name for name in ids}
        found = await self._branch.entries(commit, paths)
        return {paths[path]: list(entry) if entry else None for path, entry in found.items()}

    async def edited(self, edit: Edit, before: Documents) -> Documents:
        """The documents of `before` as the edit leaves them; their texts are in the repository."""
        documents: Documents = dict.fromkeys(edit.delete)
        for name, text in edit.put.items():
            if not isinstance(text, str):
                raise ComponentError(f"{name}: a file is put as text, not as columns")
            mode = before[name][0] if before.get(name) else _MODE
            documents[name] = [mode, await self._branch.blob(text.encode())]
        return documents

    async def commit_of(self, revision: str) -> str:
        """Raises ComponentError for a revision that is not there."""
        return await self._branch.word(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )

    async def differing(self, commit: str) -> list[str]:
        """The documents that are not at the branch's tip as that commit has them."""
        tip, prefix = await self._branch.tip(), self._prefix
        changed = await self._branch.word(
            "diff-tree", "-r", "-z", "--no-renames", "--name-only", tip, commit, "--", prefix or "."
        )
        names = [path.removeprefix(prefix) for path in filter(None, changed.split("\0"))]
        if len(names) > DOCUMENTS_MAX:
            raise ComponentError(
                f"{commit[:12]} has {len(names):,} other documents than the branch; at most "
                f"{DOCUMENTS_MAX:,} are changed at once"
            )
        return names

    async def version(self) -> Version:
        tip = await self._branch.tip()
        tree = await self._branch.word("rev-parse", f"{tip}:{self._prefix}")
        touches = await self._branch.touches(tip, self._prefix or ".")
        label, digest = f"tree {tree[:12]}", digest_of(tree)
        if not touches:
            return Version(label=label, digest=digest)
        last = touches[0]
        return Version(label=label, digest=digest, by=last.by, changed_at=last.at, back=last.commit)

    async def remembered(self, ids: Iterable[str]) -> Undo:  # noqa: ARG002 - the contract
        return {}

    async def put(self, documents: Documents, before: Documents, undo: Undo) -> None:  # noqa: ARG002 - the contract
        """Raises MovedOnError when the branch no longer has what is in `before`."""
        tip = await self._branch.tip()
        if await self.at(tip, before) != before:
            raise MovedOnError
        entries: Entries = {
            self._path(name): Entry(*document) if document else None
            for name, document in documents.items()
        }
        subject = f"{len(documents)} documents" if len(documents) > 1 else next(iter(documents))
        await self._branch.commit(tip, entries, f"Set {subject} by a drill")

    async def settle(self, documents: Documents, undo: Undo) -> None:  # noqa: ARG002 - the contract
        await self._branch.check_out([self._path(name) for name in documents])

    def _path(self, name: str) -> str:
        if name.startswith("/") or {"", ".", ".."} & set(name.split("/")) or "\0" in name:
            raise ComponentError(f"{name} leads out of {self._prefix or 'the repository'}")
        return self._prefix + name
