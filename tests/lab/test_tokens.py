"""Tokens put together are the text again: nothing is lost or made up on the way to a client."""

from hypothesis import given
from hypothesis import strategies as st

from lab.tokens import count_tokens, tokens


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text.rstrip()


def test_long_words_are_several_tokens() -> None:
    assert tokens("a subscription.") == ["a", " subsc", "ripti", "on", "."]
    assert count_tokens("") == 0
