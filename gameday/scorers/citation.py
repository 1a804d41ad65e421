"""Scores an answer by the documents that it cites."""

import re
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.scorer import Answered, Scorer
from gameday.scorers.regex import Pattern

_MARK = r"\[([^\[\]\n]{1,80})\]"


class Citation(Scorer):
    """The answer cites a document, and none that it was not given.

    Citations are what the first group of `mark` finds: `[refunds.md]`, `[1]`. With `any` one of
    those documents must be cited. Unless `grounded` is false, each citation must be the id or the
    number (from 1) of a source that the front door says was retrieved; without that the score is
    missing.
    """

    any: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    grounded: bool = True
    mark: Pattern = _MARK

    @model_validator(mode="after")
    def _mark_has_a_group(self) -> Self:
        if re.compile(self.mark).groups < 1:
            raise ValueError(f"expected a group in mark, for what is cited: {_MARK}")
        return self

    def score(self, answered: Answered) -> float | None:
        cited = {match[1].strip() for match in re.finditer(self.mark, answered.text)}
        if not cited:
            return 0.0
        sources = answered.sources
        numbered = {str(n): source for n, source in enumerate(sources or (), start=1)}
        named = {numbered.get(one, one) for one in cited}
        if self.any and sources is not None and not named & set(self.any):
            return 0.0
        if sources is None:  # a bare number cannot be told from a name then
            return None if self.grounded else self._cites_by_name(cited)
        return float(not self.grounded or named <= set(sources))

    def _cites_by_name(self, cited: set[str]) -> float | None:
        if not self.any or cited & set(self.any):
            return 1.0
        return None if all(one.isdigit() for one in cited) else 0.0
