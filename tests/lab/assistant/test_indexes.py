"""Indexes are called by what is in them, and served by an alias that compares before it moves."""

from pathlib import Path

import pytest

from lab.assistant.indexes import Indexes, MovedMeanwhileError, UnknownIndexError


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "page.md").write_text(f"# Page\n\n{text}\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "corpus", "One.")
    return tmp_path / "corpus"


def test_the_same_corpus_is_the_same_index_again(folder: Path) -> None:
    indexes = Indexes(folder)
    first, etag = indexes.served.name, indexes.etag
    assert indexes.build().name == first
    assert indexes.etag == etag
    write(folder, "Two.")
    second = indexes.build().name
    assert second != first
    assert indexes.version == f"corpus-{second}+index-{second}"
    write(folder, "One.")
    assert indexes.build().name == first
    assert [p.sentences for p in indexes.served.corpus.passages] == [("One.",)]


def test_the_alias_goes_to_any_index_that_is_kept_and_to_the_empty_one(folder: Path) -> None:
    indexes = Indexes(folder)
    first = indexes.served.name
    write(folder, "Two.")
    second = indexes.build().name
    indexes.serve(first, indexes.etag)
    assert indexes.version == f"corpus-{second}+index-{first}"
    indexes.serve("empty")
    assert indexes.served.corpus.best("one two") == []
    with pytest.raises(UnknownIndexError, match=f"there are empty, {second}, {first}"):
        indexes.serve("other")
    assert indexes.served.name == "empty"


def test_a_writer_that_saw_another_index_is_refused(folder: Path) -> None:
    indexes = Indexes(folder)
    first, seen = indexes.served.name, indexes.etag
    indexes.serve("empty")
    with pytest.raises(MovedMeanwhileError):
        indexes.serve(first, seen)
    assert indexes.served.name == "empty"


def test_of_many_indexes_the_old_ones_go_and_never_the_one_that_is_served(folder: Path) -> None:
    indexes = Indexes(folder)
    first = indexes.served.name
    for number in range(30):
        write(folder, f"Number {number}.")
        indexes.build()
        indexes.serve(first)
    assert first in indexes.names
    assert len(indexes.names) == 1 + 20


def test_with_the_defect_a_corpus_that_was_indexed_before_is_not_served_again(
    folder: Path,
) -> None:
    indexes = Indexes(folder, trusts_known=True)
    first = indexes.served.name
    write(folder, "Two.")
    second = indexes.build().name
    assert indexes.served.name == second
    write(folder, "One.")
    assert indexes.build().name == first  # it says that all is well
    assert indexes.version == f"corpus-{first}+index-{second}"
    indexes.serve(first)
    assert indexes.version == f"corpus-{first}+index-{first}"


def test_behind_a_cache_the_first_move_counts_at_once_and_the_next_one_later(folder: Path) -> None:
    now_s = 0.0
    indexes = Indexes(folder, cache_s=30.0, clock=lambda: now_s)
    first = indexes.served.name
    assert indexes.in_use.name == first
    now_s = 2.0
    indexes.serve("empty")
    assert indexes.in_use.name == "empty"
    now_s = 4.0
    indexes.serve(first)
    now_s = 31.9
    assert (indexes.served.name, indexes.in_use.name) == (first, "empty")
    now_s = 32.0
    assert indexes.in_use.name == first


def test_pages_may_be_empty_or_without_a_title(folder: Path) -> None:
    (folder / "nothing.md").write_text("")
    (folder / "bare.md").write_text("Only a line")
    assert [p.title for p in Indexes(folder).served.corpus.passages] == ["Only a line", "", "Page"]
