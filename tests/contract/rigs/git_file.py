"""Real repositories: one that is worked in, and one that others push to."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gameday.catalog.kinds import components
from gameday.domain.component import Component

CONFIG = """\
# Who answers what. Ask #routing before you change anything.
aliases:
    answers:   heron-4     # the floating name
    "gpt-4.1": {model: 'other', share: 0.5}
"""
RELOAD = """
import pathlib, sys
deaf = pathlib.Path("deaf")
if deaf.exists():
    deaf.unlink()
    sys.exit(75)
with open("reloads", "a") as log:
    log.write("x")
"""
READY = "import sys; sys.exit(sys.argv[1] not in open('models').read().split())"


def git(folder: Path, *words: str, check: bool = True, env: Mapping[str, str] | None = None) -> str:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example"]
    argv = ["git", "-C", str(folder), *identity, *words]
    variables = {**os.environ, **(env or {})}
    done = subprocess.run(argv, capture_output=True, text=True, check=check, env=variables)
    return done.stdout.strip()


class GitRig:
    """A repository whose work tree has the branch."""

    old, new, foreign = "heron-4", "heron-4-2026-08", "somebody-elses"
    told, gone = (foreign, new, old), new

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = folder / "config"
        (self.repository / "router").mkdir(parents=True)
        git(self.repository, "init", "--quiet", "-b", "main")
        self.file.write_text(CONFIG)
        git(self.repository, "add", ".")
        git(self.repository, "commit", "--quiet", "-m", "First")
        (folder / "models").write_text(f"heron-4 {self.new}")
        settings = {
            "repository": "config",
            "file": "router/aliases.yaml",
            "path": "aliases.answers",
            "reload": [sys.executable, "-c", RELOAD],
            "ready": [sys.executable, "-c", READY, "{{to}}"],
            **self.settings(),
        }
        made = components.make(Component(kind="git_file", settings=settings))
        self.backend = made.beside(folder)

    @property
    def file(self) -> Path:
        return self.repository / "router" / "aliases.yaml"

    def settings(self) -> dict[str, Any]:
        return {}

    def kept(self) -> Any:
        committed = git(self.repository, "show", "main:router/aliases.yaml")
        return committed, self.file.read_bytes(), git(self.repository, "status", "--porcelain")

    def set_by_others(self) -> None:
        text = self.file.read_text()
        value = next(value for value in (self.new, self.old) if f"   {value}  " in text)
        self.file.write_text(text.replace(f"   {value}  ", f"   {self.foreign}  "))
        git(self.repository, "commit", "--quiet", "-am", "Ours")

    def lose_next_answer(self) -> None:
        (self.folder / "deaf").touch()

    def retire(self) -> None:
        (self.folder / "models").write_text("heron-4")

    def go_dark(self) -> None:
        self.repository.rename(self.folder / "away")
        (self.folder / "models").unlink()
        object.__setattr__(
            self.backend, "ready_argv", (sys.executable, "-c", "import sys; sys.exit(75)")
        )

    def close(self) -> None:
        """Nothing is running."""


class GitRemoteRig(GitRig):
    """A bare repository that everybody pushes to; the work tree is a clone that falls behind."""

    def settings(self) -> dict[str, Any]:
        self.remote = self.folder / "remote.git"
        git(self.folder, "clone", "--quiet", "--bare", "config", "remote.git")
        git(self.repository, "remote", "add", "origin", str(self.remote))
        git(self.folder, "clone", "--quiet", "remote.git", "anns")
        return {"branch": "main", "push": "origin"}

    def kept(self) -> Any:
        here = super().kept()
        return git(self.remote, "show", "main:router/aliases.yaml"), here

    def set_by_others(self) -> None:
        anns, mine = self.folder / "anns", self.repository
        git(anns, "pull", "--quiet", "--ff-only")
        self.repository = anns
        super().set_by_others()
        self.repository = mine
        git(anns, "push", "--quiet")

    def go_dark(self) -> None:
        self.remote.rename(self.folder / "away.git")
        object.__setattr__(
            self.backend, "ready_argv", (sys.executable, "-c", "import sys; sys.exit(75)")
        )
