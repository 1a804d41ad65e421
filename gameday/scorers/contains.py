"""Scores an answer by the words that it must hold, and those that it must not."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.scorer import TextScorer
from gameday.scorers._case import CaseRule, all_folded, folded

Phrase = Annotated[str, Field(min_length=1)]


class Contains(TextScorer):
    """The answer holds all of some phrases, one of others, and none of a third kind.

    `case`: `fold` (the default) takes ß for ss and A for a, `lower` only A for a, `exact` neither.
    """

    all: tuple[Phrase, ...] = ()
    any: tuple[Phrase, ...] = ()
    none: tuple[Phrase, ...] = ()
    case: CaseRule = "fold"

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not (self.all or self.any or self.none):
            raise ValueError("expected at least one phrase under `all`, `any` or `none`")
        return self

    def score_text(self, text: str) -> float:
        there = folded(text, self.case)
        holds = there.__contains__
        has_all = not self.all or all(map(holds, self._folded(self.all)))
        has_any = not self.any or any(map(holds, self._folded(self.any)))
        has_none = not self.none or not any(map(holds, self._folded(self.none)))
        return float(has_all and has_any and has_none)

    def _folded(self, phrases: tuple[str, ...]) -> tuple[str, ...]:
        return all_folded(phrases, self.case)
