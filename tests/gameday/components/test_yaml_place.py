"""One value in a text: found, replaced, and nothing else with it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gameday.components._yaml_place import find, replaced, written

NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), TEXTS)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=15,
)


def leaves(tree, where=()):
    if isinstance(tree, dict | list):
        for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(inner, (*where, key))
    else:
        yield where, tree


def changed(tree, where, value):
    if not where:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[where[0]] = changed(tree[where[0]], where[1:], value)
    return copy


@given(tree=TREES, indent=st.sampled_from([None, 1, "\t"]), value=LEAVES, pick=st.randoms())
def test_any_value_of_any_json_is_changed_alone_and_put_back_to_the_byte(tree, indent, value, pick):
    text = json.dumps(tree, indent=indent, ensure_ascii=False)
    places = list(leaves(tree))
    if not places:
        return
    where, old = pick.choice(places)
    place = find(text, where)
    assert place.value == old
    made = replaced(text, where, written(value, place, as_json=True))
    assert json.loads(made) == changed(tree, where, value)
    assert replaced(made, where, place.raw) == text


@given(
    old=TEXTS,
    new=st.text(st.characters(codec="utf-8"), max_size=30),
    quote=st.sampled_from(["", "'", '"']),
)
def test_any_text_is_written_so_that_it_is_read_back(old, new, quote):
    before = {
        "": "heron",
        "'": "'" + old.replace("'", "''") + "'",
        '"': json.dumps(old, ensure_ascii=False),
    }
    text = f"a: 1  # one\nb:\n  - {before[quote]}   # two\nc: [x]\n"
    place = find(text, ("b", 0))
    made = replaced(text, ("b", 0), written(new, place))
    assert find(made, ("b", 0)).value == new
    assert YAML(typ="safe").load(made) == {"a": 1, "b": [new], "c": ["x"]}
    assert made.startswith("a: 1  # one\nb:\n  - ")
    assert made.endswith("   # two\nc: [x]\n")


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ("heron-4-2026-08", "heron-4-2026-08"),
        ("openai/gpt-4.1:latest", "openai/gpt-4.1:latest"),
        ("2026-08-01", '"2026-08-01"'),
        ("1.5", '"1.5"'),
        ("No", '"No"'),
        ("null", '"null"'),
        ("a: b", '"a: b"'),
        ("a # b", '"a # b"'),
        ("", '""'),
        (3, "3"),
        (True, "true"),
        (None, "null"),
    ],
)
def test_what_could_be_read_as_something_else_is_quoted(value, raw):
    assert written(value, find("a: b", ("a",))) == raw


def test_text_in_the_place_of_a_number_of_json_has_quotes():
    assert written("a", find('{"x": 1}', ("x",)), as_json=True) == '"a"'


def test_line_ends_and_marks_of_windows_stay():
    text = "\ufeffa: b\r\nc: d\r\n"
    assert replaced(text, ("c",), "e") == "\ufeffa: b\r\nc: e\r\n"


@pytest.mark.parametrize("raw", ["b, c: d", "b}\n{", "[b", "b # c"])
def test_what_would_reach_beyond_its_place_is_refused(raw):
    with pytest.raises(ValueError, match=r"cannot be put at a of this file|not valid YAML|there 0"):
        replaced("{a: x, z: y}", ("a",), raw)
