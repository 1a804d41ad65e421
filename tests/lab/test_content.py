"""The content repository that a lab starts with, and whose folder it never touches."""

import subprocess
from pathlib import Path

import pytest

from gameday.domain.errors import StartError
from lab.content import PACKAGED, make_content
from lab.prompt import CURRENT, read_label
from lab.retrieval import read_corpus


def git(folder: Path, *words: str) -> str:
    ran = subprocess.run(("git", *words), cwd=folder, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_it_starts_with_the_packaged_pages_and_prompts_and_nothing_uncommitted(
    tmp_path: Path,
) -> None:
    make_content(tmp_path / "content", CURRENT)
    assert read_corpus(tmp_path / "content/corpus").digest == read_corpus().digest
    assert read_label("production", tmp_path / "content").version == CURRENT
    for version in (PACKAGED / "prompts").glob("*.txt"):
        assert (tmp_path / "content/prompts" / version.name).read_bytes() == version.read_bytes()
    assert git(tmp_path / "content", "status", "--porcelain") == ""
    assert git(tmp_path / "content", "log", "-1", "--format=%an") == "Content team"
    assert git(tmp_path / "content", "diff", "v1", "main") == ""


def test_the_rechunked_pages_say_the_same_in_other_pieces(tmp_path: Path) -> None:
    make_content(tmp_path / "content", CURRENT)
    git(tmp_path / "content", "checkout", "--quiet", "rechunked")
    chunks = read_corpus(tmp_path / "content/corpus").passages
    pages = read_corpus().passages
    assert len(chunks) > 3 * len(pages)
    said = {page.title: "".join("".join(page.sentences).split()) for page in pages}
    in_pieces = dict.fromkeys(said, "")
    for file in sorted(
        (tmp_path / "content/corpus").glob("*.md"),
        key=lambda file: int(file.stem.rpartition("-")[2]),
    ):
        title, _, piece = file.read_text().partition("\n")
        in_pieces[title.removeprefix("# ")] += "".join(piece.split())
    assert in_pieces == said


def test_a_corpus_that_is_not_logged_is_no_part_of_the_repository(tmp_path: Path) -> None:
    make_content(tmp_path / "content", CURRENT, logged=False)
    assert "corpus" not in git(tmp_path / "content", "ls-files")
    (tmp_path / "content/corpus/refunds.md").write_text("# Refunds\n\nNever.\n")
    assert git(tmp_path / "content", "status", "--porcelain") == ""


def test_what_an_earlier_lab_made_is_made_anew(tmp_path: Path) -> None:
    for _ in range(2):
        make_content(tmp_path / "content", CURRENT)
        assert "Never" not in (tmp_path / "content/corpus/refunds.md").read_text()
        (tmp_path / "content/corpus/refunds.md").write_text("# Refunds\n\nNever.\n")


def test_a_folder_that_no_lab_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/mine.txt").write_text("mine")
    with pytest.raises(StartError, match="no lab has made it"):
        make_content(tmp_path / "content", CURRENT)
    assert (tmp_path / "content/mine.txt").read_text() == "mine"


def test_another_repositorys_variables_lead_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the lab is started from a git hook."""
    git(tmp_path, "init", "--quiet", "theirs")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "theirs/.git"))
    make_content(tmp_path / "content", CURRENT)
    monkeypatch.delenv("GIT_DIR")
    assert git(tmp_path / "content", "log", "--format=%s") == "Content v1\nContent rechunked"
    assert git(tmp_path / "theirs", "for-each-ref") == ""


def test_without_git_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartError) as refused:
        make_content(tmp_path / "content", CURRENT)
    assert "git could not be started" in refused.value.sentence
    assert refused.value.next_step == "install git"
