"""Scores an answer by JSON that it must hold somewhere in its text."""

from functools import cached_property
from typing import Annotated

from jsonschema.protocols import Validator
from pydantic import Field

from gameday.domain.scorer import TextScorer
from gameday.scorers._json import NO_JSON, blocks, parse
from gameday.scorers._schema import WholeSchema, fits, validator


class ContainsJson(TextScorer):
    """The answer holds a JSON object that fits a JSON Schema, with any words around it.

    With `lenient` a piece in braces that is nearly JSON, such as one with bare keys, is neither
    right nor wrong: the score is missing unless another piece is right.
    """

    schema_: Annotated[WholeSchema, Field(alias="schema")] = {}
    lenient: bool = False

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    def score_text(self, text: str) -> float | None:
        documents = [parse(block) for block in blocks(text)]
        if any(one is not NO_JSON and fits(self._validator, one) for one in documents):
            return 1.0
        return None if self.lenient and NO_JSON in documents else 0.0

    @cached_property
    def _validator(self) -> Validator:
        return validator(self.schema_)
