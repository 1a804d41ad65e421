"""Takes over a JSON Schema as Ajv reads it: draft 7, strict about keywords, patterns of JavaScript.

What Ajv would not compile, or judges in a way that is not ours (`format`), is refused.
"""

from typing import Any

from gameday.catalog.js_regex import to_python

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_PLAIN = frozenset(
    {
        "$id", "$schema", "$ref", "$comment", "title", "description", "default", "examples",
        "readOnly", "writeOnly", "type", "enum", "const", "multipleOf", "maximum", "minimum",
        "exclusiveMaximum", "exclusiveMinimum", "maxLength", "minLength", "maxItems", "minItems",
        "uniqueItems", "maxProperties", "minProperties", "required",
    }
)  # fmt: skip
_ONE = frozenset(
    {"additionalItems", "contains", "additionalProperties", "propertyNames", "if", "then", "else",
     "not"}
)  # fmt: skip
_MANY = frozenset({"allOf", "anyOf", "oneOf"})
_NAMED = frozenset({"properties", "patternProperties", "definitions", "$defs"})


def taken_over(schema: Any) -> dict[str, Any]:
    """The schema for the scorer `json_schema`. Raises ValueError with what cannot be."""
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    if not isinstance(schema, dict):
        raise ValueError("expected a JSON Schema: a mapping, true or false")  # noqa: TRY004
    if schema.get("$schema", DRAFT_7) not in {DRAFT_7, DRAFT_7.rstrip("#")}:
        raise ValueError(f"found $schema {schema['$schema']!r}; promptfoo reads draft 7 alone")
    return {"$schema": DRAFT_7, **_part(schema)}


def _part(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {key: _keyword(key, value) for key, value in schema.items()}


def _keyword(key: str, value: Any) -> Any:
    if key in _PLAIN:
        return value
    if key == "pattern":
        return to_python(str(value))
    if key in _ONE:
        return _part(value)
    if key in _MANY or key == "items":
        return [_part(inner) for inner in value] if isinstance(value, list) else _part(value)
    if key == "dependencies" and isinstance(value, dict):
        return {name: _part(inner) for name, inner in value.items()}
    if key in _NAMED and isinstance(value, dict):
        translate = to_python if key == "patternProperties" else str
        return {translate(name): _part(inner) for name, inner in value.items()}
    if key == "format":
        raise ValueError("found `format`, which is not looked at here; use `pattern`")
    raise ValueError(f"found the keyword {key!r}, which promptfoo's strict Ajv does not compile")
