"""The digest of a corpus: of its content alone, and read again only where a stamp has changed."""

import os
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.components._digests import Digests, digest_of_document, digests_of
from gameday.components._folder_digest import _CLOCK_NS, digest_folder
from gameday.domain.errors import ComponentError

CORPORA = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.dictionaries(st.sampled_from("uvwxyz"), st.binary(min_size=2, max_size=2), max_size=5),
)


def look(memory, corpus):
    """The corpus as `memory` has it after a look, and the parts that were read."""
    read = []
    with Digests(memory) as digests:
        for group, parts in corpus.items():
            stale = digests.stale(group, parts)
            if stale is not None:
                read += [(group, name) for name in stale]
                digests.keep(
                    group, parts,
                    {n: digest_of_document(f"{group}/{n}", parts[n]) for n in stale},
                )  # fmt: skip
        return digests.corpus(), read


@given(corpora=st.lists(CORPORA, min_size=1, max_size=6))
def test_after_any_changes_it_is_the_same_as_one_read_anew(corpora, tmp_path_factory):
    memory = tmp_path_factory.mktemp("memory") / "m.sqlite"
    before = {}
    for corpus in corpora:
        seen, read = look(memory, corpus)
        assert seen == look(None, corpus)[0]
        assert seen.documents == sum(map(len, corpus.values()))
        changed = [
            (group, name)
            for group, parts in corpus.items()
            for name, mark in parts.items()
            if before.get(group, {}).get(name) != mark
        ]
        assert sorted(read) == sorted(changed)
        before = corpus


def test_where_a_document_is_counts_and_the_order_does_not():
    one = digests_of([("a", b"x"), ("b", b"y")])
    assert one == digests_of([("b", b"y"), ("a", b"x")])
    assert one.documents == 2
    for other in ([("a", b"y"), ("b", b"x")], [("a", b"x")], [("ax", b""), ("b", b"y")]):
        assert digests_of(other).total != one.total


def test_a_look_that_failed_is_forgotten(tmp_path):
    memory = tmp_path / "m.sqlite"
    first, _ = look(memory, {"a": {"u": b"1"}})
    with suppress(RuntimeError), Digests(memory) as digests:
        digests.keep("a", {"u": b"2"}, {"u": 5})
        raise RuntimeError
    assert look(memory, {"a": {"u": b"1"}}) == (first, [])


def test_a_memory_that_cannot_be_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ComponentError, match="cannot be used to remember digests"):
        Digests(tmp_path / "file" / "m.sqlite")
    (tmp_path / "no.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 30)
    with pytest.raises(ComponentError, match="cannot be used to remember digests"):
        Digests(tmp_path / "no.sqlite")


def test_a_file_that_is_written_twice_within_a_tick_is_read_again(tmp_path):
    corpus, memory = tmp_path / "corpus", tmp_path / "m.sqlite"
    corpus.mkdir()
    (corpus / "a").write_text("one")
    first = digest_folder(corpus, memory)
    (corpus / "a").write_text("two")
    assert digest_folder(corpus, memory) != first
    assert digest_folder(corpus, memory) == digest_folder(corpus, None)


def test_an_old_file_is_not_read_again(tmp_path, monkeypatch):
    corpus, memory = tmp_path / "corpus", tmp_path / "m.sqlite"
    (corpus / "b").mkdir(parents=True)
    for name in ("a", "b/c", ".hidden"):
        (corpus / name).write_text(name)
    (corpus / "link").symlink_to(corpus / "a")
    later_ns = time.time_ns() + 2 * _CLOCK_NS
    monkeypatch.setattr("gameday.components._folder_digest.time.time_ns", lambda: later_ns)
    first = digest_folder(corpus, memory)
    assert first.documents == 2
    monkeypatch.setattr("gameday.components._folder_digest._digest", None)  # would fail
    assert digest_folder(corpus, memory) == first


def test_a_name_that_is_no_text_is_a_document_like_any_other(tmp_path):
    corpus, memory = tmp_path / "corpus", tmp_path / "m.sqlite"
    corpus.mkdir()
    (corpus / os.fsdecode(b"caf\xe9.md")).write_text("latin")
    assert digest_folder(corpus, memory) == digest_folder(corpus, None)
    assert digest_folder(corpus, memory).documents == 1
