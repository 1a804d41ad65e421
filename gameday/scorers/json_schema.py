"""Scores an answer by the shape that its JSON must have."""

from functools import cached_property
from typing import Annotated

from jsonschema.protocols import Validator
from pydantic import Field

from gameday.domain.scorer import TextScorer
from gameday.scorers._json import NO_JSON, parse
from gameday.scorers._schema import WholeSchema, fits, validator


class JsonSchema(TextScorer):
    """The answer is JSON, and fits a JSON Schema.

    The schema must be whole: a reference that leads out of it is refused, so that nothing is
    fetched. `format` is not looked at. `schema: {}` asks for JSON of any shape.
    """

    schema_: Annotated[WholeSchema, Field(alias="schema")]

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    def score_text(self, text: str) -> float:
        document = parse(text)
        return float(document is not NO_JSON and fits(self._validator, document))

    @cached_property
    def _validator(self) -> Validator:
        return validator(self.schema_)
