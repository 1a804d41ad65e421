"""The summary of a GitHub Actions step."""

from dataclasses import replace

import pytest

from gameday.exports.github import BYTES_MAX, Github
from tests.gameday.exports.judged import judged_once


@pytest.fixture
def judged():
    return judged_once("passing")


def test_it_is_the_runs_markdown(judged):
    assert Github().render(judged) == judged.markdown
    assert judged.markdown.startswith("# PASSED")


@pytest.mark.parametrize("letter", ["x", "€", "\N{CLINKING BEER MUGS}"])
def test_one_that_is_too_long_is_cut_after_a_line_and_says_so(judged, letter):
    line = letter * 99 + "\n"
    fits = line * (BYTES_MAX // len(line.encode()))
    whole = Github().render(replace(judged, markdown=fits))
    assert whole == fits
    cut = Github().render(replace(judged, markdown=fits + line))
    assert len(cut.encode()) <= BYTES_MAX
    kept, end = cut[: cut.rindex("\n\n") + 1], cut[cut.rindex("\n\n") :]
    assert set(kept.splitlines()) == {line.strip()}
    assert "did not fit" in end
