"""Untrusted text can be read and do nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gameday.reporting.inert import fenced, inert, inert_line, inert_markdown
from tests.gameday.reporting.untrusted import HOSTILE

ANY_TEXT = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="\x1b[]0;m\x07\x9b\u202e\u200b\n\r\t`~<>@a.:/", max_size=80),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join),
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@given(ANY_TEXT)
def test_nothing_that_controls_or_hides_is_left(text):
    for character in inert(text):
        assert character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    assert inert(inert(text)) == inert(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=100))
def test_what_can_be_seen_stays(text):
    hidden = "\u115f\u1160\u2800\u3164\uffa0"
    assert inert(text) == "".join(c for c in text if c not in hidden)


@pytest.mark.parametrize("text", ["Grüße, 你好, مرحبا, שלום", "naïve “quoted” €5 👍", "a\tb\nc"])
def test_every_language_is_left_alone(text):
    assert inert(text) == text


def test_lone_surrogates_go_so_that_the_file_can_be_written():
    assert inert("a\ud800b").encode() == b"ab"


@given(ANY_TEXT, st.integers(1, 50))
def test_a_line_is_one_line_and_no_longer_than_allowed(text, length_max):
    line = inert_line(text, length_max)
    assert len(line) <= length_max
    assert not set(line) & set("\n\r\t\u2028\u2029\x0b\x0c\x85")
    assert inert_line(line, length_max) == line


@given(ANY_TEXT)
def test_a_fence_holds_whatever_it_is_given(text):
    tokens = MARKDOWN.parse(fenced(text) + "\n\nafter")
    kinds = [token.type for token in tokens]
    assert kinds == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content.removesuffix("\n") == inert(text)


@given(ANY_TEXT)
def test_a_line_of_markdown_is_text_and_nothing_else(text):
    (_, inline, _) = MARKDOWN.parse("- said: " + inert_markdown(text))[2:5]
    assert {token.type for token in inline.children} <= {"text", "code_inline", "text_special"}
    shown = "".join(token.content for token in inline.children)
    assert shown == ("said: " + inert_line(text)).rstrip()


@given(ANY_TEXT)
def test_a_cell_of_markdown_stays_one_cell(text):
    html = MARKDOWN.render(f"| a | b |\n|---|---|\n| x | {inert_markdown(text)} |\n")
    assert html.count("<td>") == 2
    assert html.count("<tr>") == 2


@pytest.mark.parametrize("mention", ["@everyone", "cc @octo-org/team", "ana@mail.example"])
def test_no_mention_is_left_in_running_text(mention):
    (_, inline, _) = MARKDOWN.parse(inert_markdown(mention))
    assert not any("@" in t.content for t in inline.children if t.type != "code_inline")
