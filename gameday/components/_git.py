"""One file on one branch of a git repository: read, and committed by compare-and-set.

A commit is made of objects, beside the work tree, and the branch is moved only from the very
commit that was read: nobody's commit is lost, nobody's half-done work gets into ours, and
nothing is ever forced.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from gameday.components._process import Shell
from gameday.components._value import MovedOnError
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.store.atomic import write_whole

VARIABLES = {
    "GIT_TERMINAL_PROMPT": "0",  # asked for a password, nobody would answer
    "GIT_AUTHOR_NAME": "Gameday",
    "GIT_AUTHOR_EMAIL": "gameday@localhost",
    "GIT_COMMITTER_NAME": "Gameday",
    "GIT_COMMITTER_EMAIL": "gameday@localhost",
    "LC_ALL": "C",
}


@dataclass(frozen=True)
class BranchFile:
    """file: from the repository's top. remote: whose branch it is, '' for this repository's."""

    shell: Shell  # in the repository
    file: str
    branch: str
    remote: str = ""

    async def tip(self) -> str:
        """The commit that the branch is at; of a remote one, now. Raises ComponentError."""
        try:
            if self.remote:
                await self._git("fetch", "--quiet", "--no-tags", self.remote, f"+{self._refspec}")
            return await self._word("rev-parse", "--verify", f"{await self._ref()}^{{commit}}")
        except ComponentError as error:
            raise ComponentUnreachableError(
                f"branch {self.branch or 'HEAD'} of {self.remote or self.shell.folder} cannot be "
                f"read: {error.sentence}"
            ) from error

    async def content(self, commit: str) -> bytes:
        """The file's at that commit. Raises ComponentError where it is not there."""
        return await self._git("cat-file", "blob", f"{commit}:{self.file}")

    async def commit(self, tip: str, content: bytes, message: str) -> None:
        """Put `content` on top of `tip`. Raises MovedOnError when the branch is elsewhere by now.

        Raises ComponentError where the work tree or the index has work that nobody committed.
        """
        if not self.remote:
            await self._refuse_uncommitted(tip, content)
        made = await self._object(tip, content, message)
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

    async def check_out(self) -> None:
        """Bring the work tree along, where it has the branch checked out.

        Raises ComponentError where the file there is neither the branch's nor the one before.
        """
        top = await self._checked_out()
        if top is None:
            return
        tip = await self.tip()
        content, path = await self.content(tip), top / self.file
        found = _read(path)
        if found != content:
            if found != await self._before(tip):
                raise self._uncommitted(path)
            write_whole(path, content, mode=path.stat().st_mode & 0o777)
        mode, blob = await self._entry(tip)
        await self._git("update-index", "--cacheinfo", f"{mode},{blob},{self.file}")

    async def in_use(self) -> bytes | None:
        """What the work tree has of the file; None where it does not have the branch."""
        top = await self._checked_out()
        return None if top is None else _read(top / self.file)

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
        return await self._word("symbolic-ref", "HEAD")

    async def _checked_out(self) -> Path | None:
        """The top of the work tree, where it has the branch; None for a bare or remote one."""
        if self.remote or await self._word("rev-parse", "--is-inside-work-tree") != "true":
            return None
        if await self._head() != await self._ref():
            return None
        return Path(await self._word("rev-parse", "--show-toplevel"))

    async def _refuse_uncommitted(self, tip: str, content: bytes) -> None:
        top = await self._checked_out()
        if top is None:
            return
        # What is there may be what is about to be committed, left by a try that was cut short.
        if _read(top / self.file) not in (await self.content(tip), content):
            raise self._uncommitted(top / self.file)
        staged = await self._word("ls-files", "--stage", "--", f":(top){self.file}")
        ours = (await self._entry(tip))[1], await self._blob(content)
        if staged.split()[1:2] not in ([ours[0]], [ours[1]]):
            raise self._uncommitted(top / self.file)

    def _uncommitted(self, path: Path) -> ComponentError:
        return ComponentError(
            f"{path} has changes that nobody has committed; they are left alone",
            next_step="commit them or put them away, then try again",
        )

    async def _before(self, tip: str) -> bytes | None:
        try:
            return await self.content(f"{tip}^")
        except ComponentError:
            return None  # the first commit of all, or of this file

    async def _entry(self, commit: str) -> tuple[str, str]:
        """The file's mode and blob. Raises ComponentError where it is no file."""
        listed = await self._word("ls-tree", "--full-tree", commit, "--", self.file)
        mode, kind, blob = [*listed.split(), "", "", ""][:3]
        if kind != "blob" or mode not in ("100644", "100755"):
            raise ComponentError(f"{self.file} is no file in {self.shell.folder}")
        return mode, blob

    async def _blob(self, content: bytes) -> str:
        return await self._word("hash-object", "-w", "--stdin", stdin=content)

    async def _object(self, tip: str, content: bytes, message: str) -> str:
        """A commit on top of `tip` that nothing points at yet."""
        mode, _ = await self._entry(tip)
        blob = await self._blob(content)
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": f"{folder}/index"}
            aside = BranchFile(self.shell.with_variables(index), self.file, self.branch)
            await aside._git("read-tree", tip)
            await aside._git("update-index", "--cacheinfo", f"{mode},{blob},{self.file}")
            tree = await aside._word("write-tree")
        return await self._word("commit-tree", tree, "-p", tip, "-m", message)

    async def _git(self, *words: str, stdin: bytes = b"") -> bytes:
        return await self.shell.good(("git", *words), stdin=stdin)

    async def _word(self, *words: str, stdin: bytes = b"") -> str:
        return (await self._git(*words, stdin=stdin)).decode(errors="replace").strip()


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None
