"""Scores an answer by the language that it is written in."""

from typing import Annotated

from pydantic import AfterValidator, Field

from gameday.domain.languages import KNOWN, detect
from gameday.domain.scorer import TextScorer


def _is_known(code: str) -> str:
    if code not in KNOWN:
        raise ValueError(f"expected one of {', '.join(sorted(KNOWN))}")
    return code


Code = Annotated[str, AfterValidator(_is_known), Field(examples=["en"])]


class Language(TextScorer):
    """The answer is written in one of some languages (ISO 639-1), told by script and small words.

    Fewer than 20 letters, few small words or two languages that are too near leave the score
    missing. Code, names and numbers are no language: score running text.
    """

    any: Annotated[tuple[Code, ...], Field(min_length=1)]

    def score_text(self, text: str) -> float | None:
        code = detect(text)
        return None if code is None else float(code in self.any)
