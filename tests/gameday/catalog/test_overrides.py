"""`--set`: where it puts a value, and what it remembers of it."""

import pytest

from gameday.catalog.overrides import override
from gameday.catalog.yaml_reader import Document, Source, read_text
from gameday.domain.errors import FileError

TEXT = "a: {b: 1}\nlist: [x, {y: 2}]\n"


@pytest.fixture
def document() -> Document:
    return read_text(TEXT, Source("a.yaml", TEXT.splitlines(), "gameday schema drill"))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a.b=2", {"a": {"b": 2}, "list": ["x", {"y": 2}]}),
        ("a.c={d: [e]}", {"a": {"b": 1, "c": {"d": ["e"]}}, "list": ["x", {"y": 2}]}),
        ("list.1.y='3'", {"a": {"b": 1}, "list": ["x", {"y": "3"}]}),
        ("list.0=z", {"a": {"b": 1}, "list": ["z", {"y": 2}]}),
        ("new= w ", {"a": {"b": 1}, "list": ["x", {"y": 2}], "new": "w"}),
    ],
)
def test_one_value_changes(document, text, after):
    override(document, text)
    assert document.raw == after


def test_what_was_set_is_known_at_and_below_its_place(document):
    override(document, "a.b={c: 1}")
    source = document.overridden(("a", "b", "c"))
    assert source is not None
    assert source.label == "--set a.b={c: 1}"
    assert document.overridden(("a", "b")) is source
    assert document.overridden(("a",)) is None
    assert document.overridden(("list", 0)) is None


def test_a_later_one_above_replaces_what_an_earlier_one_set(document):
    override(document, "a.b=2")
    override(document, "a={b: 3}")
    source = document.overridden(("a", "b"))
    assert source is not None
    assert source.label == "--set a={b: 3}"


@pytest.mark.parametrize("text", ["b.c=1", "list.2=1", "list.y=1", "a.b.c=1", "a", "a=", ".=1"])
def test_a_place_that_is_not_there_is_refused(document, text):
    before = repr(document.raw)
    with pytest.raises(FileError) as told:
        override(document, text)
    assert told.value.sentence.startswith(f"--set {text}  ")
    assert repr(document.raw) == before
    assert not document.overrides


def test_the_top_must_be_keys_or_a_list():
    document = read_text("text", Source("a.yaml", ["text"], ""))
    with pytest.raises(FileError, match="expected keys or a list there"):
        override(document, "a=1")
