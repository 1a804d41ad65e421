"""A label's switch counts at once, or, behind a cache, with the second request after its time."""

from pathlib import Path

import pytest

from lab.assistant.prompt_label import PromptLabel
from lab.prompt import LABELS, PromptError, write_labels


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "prompts").mkdir()
    for version in ("v1", "v2"):
        (tmp_path / f"prompts/{version}.txt").write_text(f"text of {version}")
    write_labels(tmp_path, {"production": "v1"})
    return tmp_path


def test_without_a_cache_the_next_request_has_the_new_version(content: Path) -> None:
    label = PromptLabel(content, "production")
    assert label.current().text == "text of v1"
    write_labels(content, {"production": "v2"})
    assert label.current().version == "v2"
    (content / "prompts/v2.txt").write_text("another text of v2")
    assert label.current().text == "another text of v2"


def test_a_cache_is_stale_while_it_revalidates(content: Path) -> None:
    clock = Clock()
    label = PromptLabel(content, "production", 30.0, clock)
    write_labels(content, {"production": "v2"})
    clock.now_s = 29.9
    assert label.current().version == "v1"
    clock.now_s = 30.0
    assert [label.current().version for _ in range(2)] == ["v1", "v2"]
    write_labels(content, {"production": "v1"})
    clock.now_s = 59.9
    assert label.current().version == "v2"
    clock.now_s = 60.0
    assert [label.current().version for _ in range(2)] == ["v2", "v1"]


@pytest.mark.parametrize("bad", ["production: v9\n", "staging: v2\n", "{", "- v2\n", ""])
def test_a_label_that_stands_for_nothing_leaves_the_version_as_it_was(
    content: Path, capsys: pytest.CaptureFixture[str], bad: str
) -> None:
    label = PromptLabel(content, "production")
    (content / LABELS).write_text(bad)
    assert [label.current().version for _ in range(3)] == ["v1"] * 3
    assert capsys.readouterr().err.count("v1 stays") == 1
    write_labels(content, {"production": "v2"})
    assert label.current().version == "v2"


def test_an_assistant_without_any_prompt_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="label production"):
        PromptLabel(tmp_path, "production")
