"""The YAML reader: what it takes, and that it takes nothing else, whatever it is fed."""

import json
import math
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.catalog.yaml_reader import BYTES_MAX, Source, read_file, read_text
from gameday.domain.errors import FileError


def raw(text: str):
    return read_text(text, Source("a.yaml", text.splitlines(), "gameday schema drill")).raw


def refusal(text: str) -> FileError:
    with pytest.raises(FileError) as told:
        raw(text)
    return told.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("'null'", "null"),
        ("12", 12),
        ("-12", -12),
        ("0o17", 15),
        ("0x1F", 31),
        ("012", 12),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-2.", -2.0),
        ('"\\ud83d\\ude80"', "🚀"),
        ("12:30", "12:30"),
        ("2026-01-05", "2026-01-05"),
        ("1_000", "1_000"),
        ("9" * 30, "9" * 30),
        ("20s", "20s"),
        ('"1"', "1"),
        (".inf", math.inf),
        ("<<", "<<"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("\n  - 1\n  - c: |\n      d\n", [1, {"c": "d\n"}]),
    ],
)
def test_yaml_1_2_and_no_more(written, meant):
    assert raw(f"key: {written}") == {"key": meant}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
        ),
        max_leaves=12,
    ).filter(lambda value: value is not None)
)
def test_json_is_yaml(value):
    assert raw(json.dumps({"top": value})) == {"top": value}


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: 1\na: 2\n", "2:1", "duplicate key 'a'; the first is on line 1"),
        ("a: {b: 1, c: 2, b: 3}", "1:17", "duplicate key 'b'; the first is on line 1"),
        ("a: &x 1\n", "1:4", "found anchor &x"),
        ("a: &x {}\n", "1:4", "found anchor &x"),
        ("a: *x\n", "1:4", "found alias *x"),
        ("a: !!python/object:os.system 1\n", "1:4", "found tag tag:yaml.org,2002:python"),
        ("a: !env X\n", "1:4", "found tag !env; expected none"),
        ("a: ! x\n", "1:4", "found tag !; expected none"),
        ("a: 1\n---\nb: 2\n", "2:1", "found a second document; expected one"),
        ("%YAML 1.1\n---\na: 1\n", "2:1", "found a YAML directive; expected none"),
        ("", "1:1", "found nothing; expected a mapping of keys"),
        ("# only a comment\n", "1:1", "found nothing"),
        ("a: [1, 2\n", "2:1", "is not valid YAML"),
        ("a: 'b\n", "2:1", "is not valid YAML"),
        ("a: b: c\n", "1:5", "is not valid YAML"),
        ("\ta: 1\n", "1:1", "is not valid YAML"),
        ("? [a, b]\n: c\n", "1:3", "found a mapping or list as a key; expected text"),
        ("? {a: b}\n: c\n", "1:3", "found a mapping or list as a key; expected text"),
        ('a: "\\ud800"\n', "1:4", "found half of a surrogate pair"),
        ('a: "\\UFFFFFFFF"\n', "1:1", "is not valid YAML"),
        ("a: \x00\n", "1:1", "is not valid YAML"),
        ("a: " + "[" * 3000, "1:23", "found more than 20 levels of nesting"),
        ("a: " + "{b: " * 3000, "1:80", "found more than 20 levels of nesting"),
        ("- " * 3000, "1:41", "found more than 20 levels of nesting"),
    ],
    ids=lambda value: value[:24],
)
def test_what_is_refused_says_where_and_what(text, place, said):
    error = refusal(text)
    assert error.sentence.startswith(f"a.yaml:{place}  {said}")
    assert error.next_step == "gameday schema drill"
    assert "\n" not in error.sentence


def test_the_excerpt_has_the_line_and_a_caret():
    assert refusal("a: 1\nbb: 2\nbb: 3\n").excerpt == "  3 | bb: 3\n    | ^^"
    assert refusal("\n" * 9 + "a: &x 1\n").excerpt == "  10 | a: &x 1\n     |    ^^^^"


def test_a_long_line_is_cut_around_the_caret():
    shown, caret = refusal("a: '" + "x" * 500 + "' &y\n").excerpt.splitlines()
    assert len(shown) < 120
    assert shown[caret.index("^")] == "&"


def test_terminal_codes_in_a_file_do_not_reach_the_terminal():
    assert "\u202e" not in refusal("a: &x '\u202e'\n").excerpt


def test_positions_of_keys_and_values():
    text = "a:\n  - b: 1\n    cc: {d: 2}\n"
    document = read_text(text, Source("a.yaml", text.splitlines(), ""))
    mark = document.keys["a", 0, "cc"]
    assert (mark.line, mark.column, mark.width) == (3, 5, 2)
    mark = document.values["a", 0, "cc", "d"]
    assert (mark.line, mark.column, mark.width) == (3, 13, 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "drill.yaml"


def file_refusal(path: Path) -> str:
    with pytest.raises(FileError) as told:
        read_file(path, next_step="gameday schema drill")
    assert told.value.next_step == "gameday schema drill"
    return told.value.sentence


def test_a_large_file_is_refused_unread(file):
    with file.open("wb") as large:
        large.write(b"a: [" + b"1," * (5 * 1024 * 1024))
    began = time.monotonic()
    sentence = file_refusal(file)
    assert sentence == f"{file} has 10,485,764 bytes; expected at most 262,144"
    assert time.monotonic() - began < 1.0  # parsing it would take minutes


def test_the_largest_file_is_read(file):
    file.write_text("a: '" + "x" * (BYTES_MAX - 6) + "'\n")
    assert file.stat().st_size == BYTES_MAX + 0
    assert len(read_file(file, next_step="").raw["a"]) == BYTES_MAX - 6
    file.write_text(file.read_text() + "\n")
    assert "bytes; expected at most" in file_refusal(file)


def test_what_is_no_file(tmp_path, file):
    assert file_refusal(file) == f"{file} does not exist; expected a YAML file"
    assert file_refusal(tmp_path).endswith("is not a regular file; expected a YAML file")
    assert "does not exist" in file_refusal(Path("a\0b.yaml"))
    assert "cannot be read" in file_refusal(tmp_path / ("x" * 300))
    file.write_text("a: 1")
    assert "does not exist" in file_refusal(file / "b.yaml")


def test_bytes_that_are_no_text_say_which(file):
    file.write_bytes(b"a: 1\nb: \xff\xfe\n")
    assert file_refusal(file) == f"{file}:2:4  found byte 0xff; expected UTF-8 text"


def test_a_byte_order_mark_is_no_key(file):
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_file(file, next_step="").raw == {"a": 1}


fragments = st.sampled_from(
    [
        *list("[]{}:-?&*!|>'\"%@`#,\\\n \t\r\x85\ufeff\u2028"),
        "---",
        "...",
        "<<: ",
        "!!",
        "&a",
        "*a",
        "\\x",
        "\\U",
        "%TAG ! !",
        "? ",
        "- ",
        "a: ",
        "0x",
    ]
)


@settings(max_examples=400)
@given(st.lists(fragments, max_size=30).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        value = raw(text)
    except FileError as error:
        assert error.sentence.startswith("a.yaml:")  # noqa: PT017 - both ways out are right
        assert error.excerpt  # noqa: PT017 - the same
    else:
        json.dumps(value).encode()


@settings(max_examples=150)
@given(content=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(content, tmp_path_factory):
    file = tmp_path_factory.getbasetemp() / "bytes.yaml"
    file.write_bytes(content)
    try:
        read_file(file, next_step="")
    except FileError as error:
        assert error.sentence.startswith(f"{file}:")  # noqa: PT017 - both ways out are right


def test_a_file_is_read_anew_and_nobody_gets_what_another_has_changed(tmp_path: Path):
    file = tmp_path / "a.yaml"
    file.write_text("one: {two: [3]}\n")
    first = read_file(file, next_step="")
    first.raw["one"]["two"].append(4)
    first.keys.clear()
    again = read_file(file, next_step="")
    assert again.raw == {"one": {"two": [3]}}
    assert ("one",) in again.keys
    file.write_text("one: {two: [5]}\n")
    assert read_file(file, next_step="").raw == {"one": {"two": [5]}}
    file.write_text("one: [\n")
    for _ in range(2):
        with pytest.raises(FileError, match=r"a\.yaml:"):
            read_file(file, next_step="")
