"""What the assistant's people edit while it runs: its corpus and its prompts, kept in git.

`lab up` makes the repository anew at every start, as `content/` in its state folder:

    corpus/*.md            the help pages, a document each
    prompts/*.txt          the versions of the prompt
    prompts/labels.yaml    which version a label stands for
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from gameday.domain.errors import StartError
from lab.prompt import LABEL, PACKAGED, write_labels

CORPUS, PROMPTS = "corpus", "prompts"
AS_STARTED, RECHUNKED = "v1", "rechunked"  # tags
_CHUNK_CHARACTERS = 80
_OURS = "made-by-lab"  # in .git: only what has it is ever replaced
_VARIABLES = {
    "GIT_AUTHOR_NAME": "Content team",
    "GIT_AUTHOR_EMAIL": "content@tidewater.example",
    "GIT_COMMITTER_NAME": "Content team",
    "GIT_COMMITTER_EMAIL": "content@tidewater.example",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "LC_ALL": "C",
}


def make_content(folder: Path, prompt: str, *, logged: bool = True) -> None:
    """Make the repository in `folder`, in the place of one that an earlier lab made.

    prompt: the version that the label stands for. logged: whether the corpus is in git as well;
    else nobody can tell who changed it, or when. Raises StartError.
    """
    _clear(folder)
    shutil.copytree(PACKAGED / PROMPTS, folder / PROMPTS)
    write_labels(folder, {LABEL: prompt})
    _git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
    (folder / ".git" / _OURS).touch()
    if not logged:
        (folder / ".gitignore").write_text(f"/{CORPUS}/\n", encoding="utf-8")
    for corpus, tag in ((_chunks(), RECHUNKED), (_pages(), AS_STARTED)):
        _write(folder / CORPUS, corpus)
        _commit(folder, tag)


def _pages() -> Iterator[tuple[str, str]]:
    for file in sorted((PACKAGED / CORPUS).glob("*.md")):
        yield file.name, file.read_text(encoding="utf-8")


def _chunks() -> Iterator[tuple[str, str]]:
    """The same pages in pieces of equal length, wherever that cuts their sentences."""
    for name, text in _pages():
        title, _, body = text.partition("\n")
        words = " ".join(body.split())
        pieces = range(0, len(words), _CHUNK_CHARACTERS)
        for number, start in enumerate(pieces, start=1):
            piece = words[start : start + _CHUNK_CHARACTERS].strip()
            yield f"{name.removesuffix('.md')}-{number}.md", f"{title}\n\n{piece}\n"


def _write(folder: Path, documents: Iterator[tuple[str, str]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in documents:
        (folder / name).write_text(text, encoding="utf-8")


def _clear(folder: Path) -> None:
    if folder.exists() and not (folder / ".git" / _OURS).is_file():
        raise StartError(
            f"{folder} is there, and no lab has made it; it is left alone",
            next_step="choose another --state, or move that folder away",
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _commit(folder: Path, tag: str) -> None:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--allow-empty", "--no-verify", f"--message=Content {tag}")
    _git(folder, "tag", tag)


def _git(folder: Path, *words: str) -> None:
    # A lab may be started from a git hook, whose variables name another repository.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        ran = subprocess.run(
            ("git", *words),
            cwd=folder,
            env={**inherited, **_VARIABLES},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except OSError as error:
        raise StartError(
            f"git could not be started ({error.strerror}): the lab keeps its content in it",
            next_step="install git",
        ) from error
    if ran.returncode:
        raise StartError(f"git {words[0]} in {folder}: {ran.stderr.strip() or 'it said nothing'}")
