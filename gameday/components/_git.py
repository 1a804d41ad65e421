"""Files on one branch of a git repository: read, and committed by compare-and-set.

A commit is made of objects, beside the work tree, and the branch is moved only from the very
commit that was read: nobody's commit is lost, nobody's half-done work gets into ours, and
nothing is ever forced.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gameday.components._process import Shell
from gameday.components._replacing import forget_cut_short, remove_file, replace_file
from gameday.components._value import MovedOnError
from gameday.domain.errors import ComponentError, ComponentUnreachableError

VARIABLES = {
    "GIT_TERMINAL_PROMPT": "0",  # asked for a password, nobody would answer
    "GIT_LITERAL_PATHSPECS": "1",  # a document may be called `*`
    "GIT_AUTHOR_NAME": "Gameday",
    "GIT_AUTHOR_EMAIL": "gameday@localhost",
    "GIT_COMMITTER_NAME": "Gameday",
    "GIT_COMMITTER_EMAIL": "gameday@localhost",
    "LC_ALL": "C",
}
_FILE_MODES = frozenset({"100644", "100755"})


class Entry(NamedTuple):
    """What a tree has of a file."""

    mode: str
    blob: str


class Touch(NamedTuple):
    """A commit that changed a path on a branch, who brought it there, and when."""

    commit: str
    by: str
    at: datetime


Entries = Mapping[str, Entry | None]
"""By path from the repository's top; None: it is not there."""


@dataclass(frozen=True)
class Branch:
    """remote: whose branch it is, '' for this repository's. branch: '' for HEAD's."""

    shell: Shell  # in the repository
    branch: str
    remote: str = ""

    async def tip(self) -> str:
        """The commit that the branch is at; of a remote one, now.

        Raises ComponentUnreachableError.
        """
        try:
            if self.remote:
                await self._git("fetch", "--quiet", "--no-tags", self.remote, f"+{self._refspec}")
            wanted = f"{await self._ref()}^{{commit}}"
            prefix, _, tip = (await self.word("rev-parse", "--show-prefix", wanted)).rpartition(
                "\n"
            )
        except ComponentError as error:
            raise ComponentUnreachableError(
                f"branch {self.branch or 'HEAD'} of {self.remote or self.shell.folder} cannot be "
                f"read: {error.sentence}"
            ) from error
        if prefix:
            raise ComponentError(
                f"{self.shell.folder} is inside a repository; name its top instead"
            )
        return tip

    async def entries(self, commit: str, files: Iterable[str]) -> dict[str, Entry | None]:
        """What the commit has of each. Raises ComponentError for what is there and is no file."""
        wanted: dict[str, Entry | None] = dict.fromkeys(files)
        listed = await self._git("ls-tree", "-z", "--full-tree", commit, "--", *wanted)
        for line in filter(None, listed.decode().split("\0")):
            head, _, path = line.partition("\t")
            mode, _, blob = head.split()
            if path in wanted and mode not in _FILE_MODES:
                raise ComponentError(f"{path} is no file in {self.shell.folder}")
            if path in wanted:
                wanted[path] = Entry(mode, blob)
        return wanted

    async def content(self, blob: str) -> bytes:
        """What a file has, by its blob or by COMMIT:PATH. Raises ComponentError."""
        return await self._git("cat-file", "blob", blob)

    async def blob(self, content: bytes) -> str:
        """Keep `content`, and say by which name."""
        return await self.word("hash-object", "-w", "--stdin", stdin=content)

    async def touches(self, tip: str, path: str, most: int = 1) -> list[Touch]:
        """The last changes of a path, newest first; of what was merged, the merge.

        Of a merge, as a commit is on the branch only from then on, whenever it was written.
        """
        listed = await self._git(
            "log", "-z", "--first-parent", f"-{most}", "--format=%H%n%an%n%cI", tip, "--", path
        )
        found = (
            line.split("\n") for line in filter(None, listed.decode(errors="replace").split("\0"))
        )
        return [Touch(commit, by, datetime.fromisoformat(at)) for commit, by, at in found]

    async def commit(self, tip: str, entries: Entries, message: str) -> None:
        """Put `entries` on top of `tip`. Raises MovedOnError when the branch is elsewhere by now.

        Raises ComponentError where the work tree or the index has work that nobody committed.
        """
        if not self.remote:
            await self._refuse_uncommitted(tip, entries)
        made = await self._object(tip, entries, message)
        setting = (
            ("push", "--quiet", self.remote, f"{made}:refs/heads/{self.branch}")
            if self.remote
            else ("update-ref", "-m", message, await self._ref(), made, tip)
        )
        try:
            await self._git(*setting)
        except ComponentError:
            if await self.tip() != tip:
                raise MovedOnError from None
            raise

    async def check_out(self, files: Iterable[str]) -> None:
        """Bring the work tree along, where it has the branch checked out.

        Raises ComponentError where a file there is neither the branch's nor the one before.
        """
        top = await self.work_tree()
        if top is None:
            return
        tip = await self.tip()
        entries = await self.entries(tip, files)
        for file, entry in entries.items():
            forget_cut_short(top / file)
            found = _blob_of(top / file, tip)
            if found != _name(entry):
                if found != _name(await self._before(tip, file)):
                    raise _uncommitted(top / file)
                await self._write(top / file, entry)
        await self._index(entries)

    async def work_tree(self) -> Path | None:
        """The top of the work tree, where it has the branch; None for a bare or remote one."""
        if self.remote or await self.word("rev-parse", "--is-inside-work-tree") != "true":
            return None
        if await self._head() != await self._ref():
            return None
        return Path(await self.word("rev-parse", "--show-toplevel"))

    async def word(self, *words: str, stdin: bytes = b"") -> str:
        """What one command of git's prints. Raises ComponentError."""
        return (await self._git(*words, stdin=stdin)).decode(errors="replace").strip()

    @property
    def _refspec(self) -> str:
        return f"refs/heads/{self.branch}:{self._tracked}"

    @property
    def _tracked(self) -> str:
        return f"refs/remotes/{self.remote}/{self.branch}"

    async def _ref(self) -> str:
        if self.remote:
            return self._tracked
        return f"refs/heads/{self.branch}" if self.branch else await self._head()

    async def _head(self) -> str:
        return await self.word("symbolic-ref", "HEAD")

    async def _refuse_uncommitted(self, tip: str, entries: Entries) -> None:
        top = await self.work_tree()
        if top is None:
            return
        committed, staged = await self.entries(tip, entries), await self._staged(entries)
        for file, entry in entries.items():
            # It may be what is about to be committed, left by a try that was cut short.
            known = {_name(committed[file]), _name(entry)}
            if _blob_of(top / file, tip) not in known or staged.get(file, "") not in known:
                raise _uncommitted(top / file)

    async def _staged(self, files: Iterable[str]) -> dict[str, str]:
        """The blob that the index has of each file that is in it."""
        # From the top, whatever folder of the repository this runs in.
        listed = await self._git("ls-files", "-z", "--stage", "--full-name", "--", *files)
        rows = (line.partition("\t") for line in filter(None, listed.decode().split("\0")))
        return {path: head.split()[1] for head, _, path in rows}

    async def _before(self, tip: str, file: str) -> Entry | None:
        try:
            return (await self.entries(f"{tip}^", [file]))[file]
        except ComponentError:
            return None  # the first commit of all

    async def _write(self, path: Path, entry: Entry | None) -> None:
        if entry is None:
            remove_file(path)
            remove_empty(path.parent)  # as git does
            return
        usual = 0o755 if entry.mode == "100755" else 0o644
        mode = path.stat().st_mode & 0o777 if path.is_file() else usual
        replace_file(path, await self.content(entry.blob), mode=mode)

    async def _object(self, tip: str, entries: Entries, message: str) -> str:
        """A commit on top of `tip` that nothing points at yet."""
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            aside = Branch(self.shell.with_variables(index), self.branch)
            await aside._git("read-tree", tip)
            await aside._index(entries)
            tree = await aside.word("write-tree")
        return await self.word("commit-tree", tree, "-p", tip, "-m", message)

    async def _index(self, entries: Entries) -> None:
        gone = Entry("0", "0" * 40)
        lines = "".join(
            f"{(entry or gone).mode} {(entry or gone).blob}\t{file}\0"
            for file, entry in entries.items()
        )
        await self._git("update-index", "-z", "--index-info", stdin=lines.encode())

    async def _git(self, *words: str, stdin: bytes = b"") -> bytes:
        return await self.shell.good(("git", *words), stdin=stdin)


def remove_empty(folder: Path) -> None:
    """Remove it, and what is above it, as far as there is nothing in it."""
    with suppress(OSError):  # something is
        while True:
            folder.rmdir()
            folder = folder.parent


def _name(entry: Entry | None) -> str:
    return entry.blob if entry else ""


def _blob_of(path: Path, like: str) -> str:
    """The blob that a file in the work tree would be, '' for none; `like` tells how git hashes."""
    if path.is_symlink() or not path.is_file():
        return "no file" if path.is_symlink() or path.exists() else ""
    content = path.read_bytes()
    name = hashlib.new("sha1" if len(like) == 40 else "sha256", usedforsecurity=False)
    name.update(b"blob %d\0" % len(content) + content)
    return name.hexdigest()


def _uncommitted(path: Path) -> ComponentError:
    return ComponentError(
        f"{path} has changes that nobody has committed; they are left alone",
        next_step="commit them or put them away, then try again",
    )
