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
        rule, there = self.case, folded(text, self.case)
        for phrase in all_folded(self.all, rule):
            if phrase not in there:
                return 0.0
        holds = there.__contains__
        if self.any and not any(map(holds, all_folded(self.any, rule))):
            return 0.0
        return float(not self.none or not any(map(holds, all_folded(self.none, rule))))
