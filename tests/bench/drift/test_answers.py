"""What is read of a recording, and what is refused with its line."""

import json

import pytest

from bench.drift.answers import read_answers
from gameday.domain.errors import FileError
from gameday.domain.sketch import sketch_of
from tests.bench.drift import recording

LINE = {"v": "base", "p": "p", "i": 0, "c": "a"}


def test_answers_by_variant_and_prompt_without_the_greedy_ones(tmp_path):
    found = read_answers(recording.write(tmp_path / "a.jsonl"))
    assert list(found) == ["base", "same", "worse", "other"]
    assert {p: len(s) for p, s in found["base"].sketches.items()} == dict.fromkeys(
        [f"p{n}" for n in range(recording.PROMPTS)], recording.RECORDED
    )
    assert set(found["other"].sketches["p0"]) == {sketch_of("no idea"), sketch_of("ask the team")}
    assert "p0" not in found["base"].scores
    assert set(found["base"].scores["p1"]) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "a.jsonl:2  is no JSON"),
        ("[]", "a.jsonl:2  is no recorded answer; expected an object with the texts v, p and c"),
        (json.dumps(LINE | {"c": 7}), "a.jsonl:2  is no recorded answer"),
        (json.dumps({"v": "base"}), "a.jsonl:2  is no recorded answer"),
        (json.dumps(LINE | {"ok": 2}), "a.jsonl:2  has ok 2; expected 0, 1"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, words):
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(LINE)}\n{line}\n")
    with pytest.raises(FileError) as refused:
        read_answers(tmp_path / "a.jsonl")
    assert words in refused.value.sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "found no answer at all"),
        (json.dumps(LINE | {"v": "q2"}), "has no answers of the variant 'base', which the others"),
    ],
)
def test_without_a_reference_nothing_is_compared(tmp_path, content, words):
    (tmp_path / "a.jsonl").write_text(content)
    with pytest.raises(FileError, match=words):
        read_answers(tmp_path / "a.jsonl")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match="cannot be read"):
        read_answers(tmp_path / "none.jsonl")
