"""Scores an answer by a number that it must name."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.scorer import TextScorer

# No word or digit stands before a number: 2-3 is two, the second not negative, and v2 is none.
_BEGINS, _ENDS = r"(?<![\w.,])[-+\u2212]?", r"(?![0-9])"
_POINT = re.compile(_BEGINS + r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?" + _ENDS)
_COMMA = re.compile(_BEGINS + r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?" + _ENDS)
_DIGITS_MAX = 40  # longer ones are no quantities


class Numeric(TextScorer):
    """The answer names a number, within a tolerance.

    `tolerance` is absolute, `relative` a share of the value. `which`: any number of the answer,
    the first, the last, or the only one. `decimal` is the sign before decimals: 1,234.5 or 1.234,5.
    """

    value: float
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    relative: Annotated[float, Field(ge=0, le=1)] | None = None
    which: Literal["any", "first", "last", "only"] = "any"
    decimal: Literal[".", ","] = "."

    @model_validator(mode="after")
    def _one_tolerance(self) -> Self:
        if self.relative is not None and self.tolerance:
            raise ValueError("expected tolerance or relative, not both")
        return self

    def score_text(self, text: str) -> float:
        numbers = self._numbers(text)
        if not numbers or (self.which == "only" and len(numbers) > 1):
            return 0.0
        chosen = {"first": numbers[:1], "last": numbers[-1:]}.get(self.which, numbers)
        return float(any(self._fits(number) for number in chosen))

    def _fits(self, number: float) -> bool:
        allowed = self.tolerance if self.relative is None else abs(self.value) * self.relative
        # A hair more, so that 0.3 is within 0.1 of 0.2.
        return abs(number - self.value) <= allowed * (1 + 1e-9) + abs(self.value) * 1e-12

    def _numbers(self, text: str) -> list[float]:
        found = (_POINT if self.decimal == "." else _COMMA).findall(text)
        return [self._read(number) for number in found if len(number) <= _DIGITS_MAX]

    def _read(self, number: str) -> float:
        thousands = "," if self.decimal == "." else "."
        plain = number.replace(thousands, "").replace(self.decimal, ".")
        return float(plain.replace("\u2212", "-"))
