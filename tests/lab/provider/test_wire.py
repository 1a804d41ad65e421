"""Contents that both dialects allow, and what is none."""

import pytest

from lab.provider.wire import BadRequestError, require_content

TEXT = {"type": "text", "text": "Hello"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hello", "Hello"),
        ([TEXT], "Hello"),
        ([TEXT, {**TEXT, "cache_control": {}}], "Hello\nHello"),
    ],
)
def test_text_and_text_blocks_are_read(content: object, text: str) -> None:
    assert require_content({"content": content}, "content") == text


@pytest.mark.parametrize(
    "content", [None, 1, {"type": "text"}, ["Hello"], [{"type": "image"}], [{"type": "text"}]]
)
def test_other_contents_are_no_text(content: object) -> None:
    with pytest.raises(BadRequestError):
        require_content({"content": content}, "content")
