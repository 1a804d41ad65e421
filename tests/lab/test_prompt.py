"""The prompt's versions are filled the same way and say different things."""

from lab.prompt import CURRENT, read_prompt
from lab.retrieval import Passage


def test_the_context_stands_between_its_marks() -> None:
    filled = read_prompt().fill([Passage("One", ("First.",)), Passage("Two", ("Second.",))])
    assert "<context>\n# One\nFirst.\n\n# Two\nSecond.\n</context>" in filled
    assert "{context}" not in filled


def test_the_version_is_the_files_name() -> None:
    assert read_prompt().version == CURRENT
    assert read_prompt("support-v2").text != read_prompt().text
