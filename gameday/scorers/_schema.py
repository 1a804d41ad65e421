"""JSON Schemas that scorers hold documents against."""

from collections.abc import Iterator
from typing import Annotated, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from pydantic import AfterValidator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

# One of each type, so that a schema that never comes to an end is found here, not in a drill.
_TRIALS: tuple[Any, ...] = (None, True, 0, "", [], [0], {}, {"a": 0})


def _is_schema(schema: dict[str, Any]) -> dict[str, Any]:
    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
        _resolve_all(schema)
        for trial in _TRIALS:
            validator(schema).is_valid(trial)
    except SchemaError as error:
        raise ValueError(f"not a JSON Schema: {error.message} at {error.json_path}") from error
    except Unresolvable as error:
        raise ValueError(
            f"nothing to find at $ref {error.ref!r}; define it in the schema"
        ) from error
    except RecursionError as error:
        raise ValueError("the schema refers to itself without end") from error
    return schema


WholeSchema = Annotated[dict[str, Any], AfterValidator(_is_schema)]
"""A schema that holds everything it refers to, and comes to an end."""


def fits(validator: Validator, document: Any) -> bool:
    """Whether `document` fits; one beyond what can be compared does not."""
    try:
        return validator.is_valid(document)
    except (RecursionError, ArithmeticError):
        return False


def validator(schema: dict[str, Any]) -> Validator:
    """Holds documents against `schema`, by the draft that it names."""
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
