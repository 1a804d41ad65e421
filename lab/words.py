"""Texts as terms: lower-cased, without filler words, and with their endings cut off."""

import re
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9][a-z0-9.@'-]*[a-z0-9]|[a-z0-9]")
_ENDINGS = ("ings", "ing", "edly", "ies", "ied", "ed", "es", "ly", "s", "e", "y")
_STEM_LETTERS_MIN = 3
_FILLER_WORDS = """
    a about after am an and any are as at be before been both but by can could did do does each
    for from get had has have how i if in into is it its me my no not of on one or our out over
    per s she should so than that the their them then there they this to under up was we were
    what when where which who why will with would you your long many much
"""
_FILLERS = frozenset(_FILLER_WORDS.split())


@lru_cache(maxsize=4096)
def terms(text: str) -> tuple[str, ...]:
    """Return the terms of `text` in order. Cached: the same passages come every time."""
    words = _WORD.findall(text.lower())
    return tuple(_stem(word) for word in words if word not in _FILLERS)


def _stem(word: str) -> str:
    if word[0].isdigit():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_LETTERS_MIN:
            return word[: -len(ending)]
    return word
