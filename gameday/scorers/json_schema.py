"""Scores an answer by the shape that its JSON must have."""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from pydantic import AfterValidator, Field
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from gameday.domain.scorer import TextScorer

# One of each type, so that a schema that never comes to an end is found here, not in a drill.
_TRIALS: tuple[Any, ...] = (None, True, 0, "", [], [0], {}, {"a": 0})


def _is_schema(schema: dict[str, Any]) -> dict[str, Any]:
    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
        _resolve_all(schema)
        for trial in _TRIALS:
            _validator(schema).is_valid(trial)
    except SchemaError as error:
        raise ValueError(f"not a JSON Schema: {error.message} at {error.json_path}") from error
    except Unresolvable as error:
        raise ValueError(
            f"nothing to find at $ref {error.ref!r}; define it in the schema"
        ) from error
    except RecursionError as error:
        raise ValueError("the schema refers to itself without end") from error
    return schema


class JsonSchema(TextScorer):
    """The answer is JSON, and fits a JSON Schema.

    The schema must be whole: a reference that leads out of it is refused, so that nothing is
    fetched. `format` is not looked at.
    """

    schema_: Annotated[dict[str, Any], Field(alias="schema"), AfterValidator(_is_schema)]

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    def score_text(self, text: str) -> float:
        try:
            document = json.loads(text, parse_constant=_refuse)
            return float(self._validator.is_valid(document))
        except (ValueError, RecursionError, ArithmeticError):
            # No JSON; or nested, or with a number, beyond what can be compared with a schema.
            return 0.0

    @cached_property
    def _validator(self) -> Validator:
        return _validator(self.schema_)


def _validator(schema: dict[str, Any]) -> Validator:
    # A registry of its own, because the default one fetches what it does not know.
    return validator_for(schema, default=Draft202012Validator)(schema, registry=Registry())


def _resolve_all(schema: dict[str, Any]) -> None:
    """Raise Unresolvable for the first reference to what the schema itself does not hold."""
    resource = DRAFT202012.create_resource(schema)
    resolver = Registry().with_resource("", resource).resolver()
    for reference in _references(schema):
        resolver.lookup(reference)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part[key] for key in ("$ref", "$dynamicRef") if isinstance(part.get(key), str))
        yield from (found for value in part.values() for found in _references(value))
    elif isinstance(part, list):
        yield from (found for value in part for found in _references(value))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
