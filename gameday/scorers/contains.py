"""Scores an answer by the words that it must hold."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.scorer import TextScorer

Phrase = Annotated[str, Field(min_length=1)]


class Contains(TextScorer):
    """The answer holds all of some phrases, and one of others; case does not matter."""

    all: tuple[Phrase, ...] = ()
    any: tuple[Phrase, ...] = ()

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not (self.all or self.any):
            raise ValueError("expected at least one phrase under `all` or `any`")
        return self

    def score_text(self, text: str) -> float:
        folded = text.casefold()
        has_all = all(phrase.casefold() in folded for phrase in self.all)
        has_any = not self.any or any(phrase.casefold() in folded for phrase in self.any)
        return float(has_all and has_any)
