"""Scores an answer by a pattern that must be found in it."""

import re
from typing import Annotated

from pydantic import AfterValidator

from gameday.domain.scorer import TextScorer

_PATTERN_CHARACTERS_MAX = 500


def _compiles(pattern: str) -> str:
    if len(pattern) > _PATTERN_CHARACTERS_MAX:
        raise ValueError(f"expected at most {_PATTERN_CHARACTERS_MAX} characters")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Regex(TextScorer):
    """The answer has a match of a regular expression."""

    pattern: Pattern

    def score_text(self, text: str) -> float:
        return float(re.search(self.pattern, text) is not None)
