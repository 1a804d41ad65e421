"""Samples of what users ask: three shapes, and a wrong line is named without its text."""

import json

import pytest

from gameday.catalog.input_samples import InputSample, read_inputs
from gameday.domain.errors import FileError


@pytest.fixture
def write(tmp_path):
    def made(*lines):
        file = tmp_path / "asked.jsonl"
        file.write_text(
            "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
        )
        return file

    return made


def test_three_shapes_are_read_and_other_keys_passed_over(write):
    file = write(
        {"question": " How long? ", "group": "returns", "id": 7},
        "",
        {"turns": ["Hello.", "And now?"], "tenant": "acme", "group": "Billing / Refunds!"},
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Why?"},
                {"role": "assistant", "content": "So."},
                {"role": "user", "content": "Oh."},
            ]
        },
    )
    assert read_inputs(file) == [
        InputSample(("How long?",), group="returns"),
        InputSample(("Hello.", "And now?"), group="billing-refunds"),
        InputSample(("Why?", "Oh.")),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"private"',
        {"text": "private"},
        {"question": ""},
        {"question": 7},
        {"turns": []},
        {"turns": ["private", 7]},
        {"messages": [{"role": "assistant", "content": "private"}]},
        {"messages": [{"role": "user", "content": [{"text": "private"}]}]},
        {"question": "private", "group": 7},
    ],
    ids=range(11),
)
def test_a_line_that_is_none_is_named_and_not_shown(write, line):
    with pytest.raises(FileError, match=r"asked\.jsonl:2:1  ") as told:
        read_inputs(write({"question": "Fine?"}, line))
    assert "private" not in told.value.sentence


def test_an_empty_file_and_one_that_is_not_there_are_sentences(write, tmp_path):
    with pytest.raises(FileError, match="has no samples"):
        read_inputs(write(""))
    with pytest.raises(FileError, match="cannot be read: No such file"):
        read_inputs(tmp_path / "gone")
    (tmp_path / "latin").write_bytes(b'{"question": "\xe9"}')
    with pytest.raises(FileError, match="it is not UTF-8"):
        read_inputs(tmp_path / "latin")
