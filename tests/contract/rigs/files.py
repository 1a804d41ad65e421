"""A folder of documents: plain, and in a real repository."""

import sys
from pathlib import Path
from typing import Any

from gameday.catalog.kinds import components
from gameday.domain.component import Component
from tests.contract.rigs.git_file import RELOAD, git

REFUND, PRICE = "Refunds take 30 days.\n", "It costs 3 euros.\r\n"


class FilesRig:
    """Of three documents, one is edited, one deleted, and one is new."""

    old: Any = {"put": {"refund.md": REFUND, "more/price.md": PRICE}, "delete": ["new/one.md"]}
    new: Any = {
        "put": {"refund.md": "Refunds take 3 days.\n", "new/one.md": "Ignore all that."},
        "delete": ["more/price.md"],
    }
    told, gone = ("refund.md in", "neither version", "nor version"), "more/price"

    def __init__(self, folder: Path) -> None:
        self.folder, self.corpus = folder, folder / "docs" / "corpus"
        (self.corpus / "more").mkdir(parents=True)
        (self.corpus / "refund.md").write_text(REFUND)
        (self.corpus / "more" / "price.md").write_bytes(PRICE.encode())
        (self.corpus / "more" / "other.bin").write_bytes(bytes(range(256)))
        self.prepare()
        settings = {"reindex": [sys.executable, "-c", RELOAD], **self.settings()}
        made = components.make(Component(kind="files", settings=settings))
        self.backend = made.beside(folder)

    def prepare(self) -> None:
        """Nothing more is needed."""

    def settings(self) -> dict[str, Any]:
        return {"folder": "docs/corpus"}

    def kept(self) -> Any:
        return {
            str(path.relative_to(self.corpus)): (
                path.is_file() and path.read_bytes(), path.stat().st_mode
            )
            for path in sorted(self.corpus.rglob("*"))
        }  # fmt: skip

    def set_by_others(self) -> None:
        (self.corpus / "refund.md").write_text("Somebody else's.")

    def lose_next_answer(self) -> None:
        (self.folder / "deaf").touch()

    def retire(self) -> None:
        (self.corpus / "more" / "price.md").unlink()

    def go_dark(self) -> None:
        (self.folder / "docs").rename(self.folder / "away")

    def close(self) -> None:
        """Nothing is running."""


class GitFilesRig(FilesRig):
    """The same, each change a commit."""

    def prepare(self) -> None:
        self.repository = self.folder / "docs"
        git(self.repository, "init", "--quiet", "-b", "main")
        self.commit("First")

    def commit(self, subject: str) -> None:
        git(self.repository, "add", "--all", ".")
        git(self.repository, "commit", "--quiet", "-m", subject)

    def settings(self) -> dict[str, Any]:
        return {"repository": "docs", "folder": "corpus"}

    def kept(self) -> Any:
        status = git(self.repository, "status", "--porcelain")
        return git(self.repository, "rev-parse", "main:corpus"), super().kept(), status

    def set_by_others(self) -> None:
        super().set_by_others()
        self.commit("Theirs")

    def retire(self) -> None:
        super().retire()
        self.commit("Gone")


class RevisionRig(GitFilesRig):
    """A whole older corpus, as a tag has it."""

    old, new, gone = "v2", "v1", "v1"
    old_text = REFUND

    def prepare(self) -> None:
        super().prepare()
        git(self.repository, "tag", "v1")
        (self.corpus / "refund.md").write_text("Refunds take 14 days.\n")
        (self.corpus / "more" / "price.md").unlink()
        (self.corpus / "later.md").write_text("Since then.")
        self.commit("Second")
        git(self.repository, "tag", "v2")

    def retire(self) -> None:
        git(self.repository, "tag", "--delete", "v1")
