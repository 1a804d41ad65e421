"""Scores an answer by how long it is."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.scorer import TextScorer

Count = Annotated[int, Field(ge=0)]


class Length(TextScorer):
    """The answer has so many characters, or words between white space, at least and at most."""

    characters_min: Count | None = None
    characters_max: Count | None = None
    words_min: Count | None = None
    words_max: Count | None = None

    @model_validator(mode="after")
    def _has_bounds_in_order(self) -> Self:
        bounds = (self.characters_min, self.characters_max, self.words_min, self.words_max)
        if all(bound is None for bound in bounds):
            raise ValueError(
                "expected one of characters_min, characters_max, words_min and words_max"
            )
        for least, most in ((bounds[0], bounds[1]), (bounds[2], bounds[3])):
            if least is not None and most is not None and least > most:
                raise ValueError(f"no answer has at least {least} and at most {most}")
        return self

    def score_text(self, text: str) -> float:
        fits = _within(len(text), self.characters_min, self.characters_max) and _within(
            len(text.split()), self.words_min, self.words_max
        )
        return float(fits)


def _within(count: int, least: int | None, most: int | None) -> bool:
    return (least is None or count >= least) and (most is None or count <= most)
