"""Retrieval finds the passage that holds the answer, in the lab's corpus and in a small one."""

from pathlib import Path

import pytest

from lab.retrieval import Corpus, read_corpus


def write(folder: Path, **texts: str) -> Corpus:
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return read_corpus(folder)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How long does the free trial last?", "Free trial"),
        ("In which header is a webhook signed?", "Webhooks"),
        ("When does a gift card expire?", "Gift cards"),
        ("Where is personal data stored?", "Privacy and data protection"),
    ],
)
def test_the_best_passage_of_the_corpus_is_the_right_one(question: str, title: str) -> None:
    assert read_corpus().best(question)[0].title == title


def test_a_rare_term_outweighs_a_common_one(tmp_path: Path) -> None:
    corpus = write(
        tmp_path,
        one="# One\n\nThe shop is open.\n",
        two="# Two\n\nThe shop has a walrus.\n",
        three="# Three\n\nThe shop shop shop.\n",
    )
    assert corpus.best("walrus in the shop")[0].title == "Two"


def test_nothing_is_found_where_nothing_was_asked_for(tmp_path: Path) -> None:
    assert write(tmp_path, one="# One\n\nThe shop is open.\n").best("Who are you?") == []


def test_the_digest_changes_with_the_corpus(tmp_path: Path) -> None:
    before = write(tmp_path, one="# One\n\nIt costs 3 euro.\n").digest
    assert write(tmp_path, one="# One\n\nIt costs 4 euro.\n").digest != before


def test_an_empty_corpus_finds_nothing(tmp_path: Path) -> None:
    assert read_corpus(tmp_path).best("anything") == []
