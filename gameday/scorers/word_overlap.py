"""Scores an answer by the words that it shares with a good one."""

import re
from collections import Counter
from typing import Annotated

from pydantic import Field, field_validator

from gameday.domain.scorer import TextScorer

_WORD = re.compile(r"\w+")


class WordOverlap(TextScorer):
    """The words that the answer shares with a good one: the F1 score over both.

    Words are rows of letters and digits, case folded, each as often as it stands there. Give
    `at_least` the score that is enough. Source: the F1 of SQuAD's evaluation, without its removal
    of English articles.
    """

    text: Annotated[str, Field(min_length=1)]

    @field_validator("text")
    @classmethod
    def _has_a_word(cls, text: str) -> str:
        if not _WORD.search(text):
            raise ValueError("expected at least one word")
        return text

    def score_text(self, text: str) -> float:
        said, wanted = _words(text), _words(self.text)
        shared = (said & wanted).total()
        return 2 * shared / (said.total() + wanted.total())


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))
