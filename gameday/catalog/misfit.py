"""Fits an authored value to a noun, and says in one sentence what does not fit, and where."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gameday.catalog.nearest import did_you_mean
from gameday.catalog.yaml_reader import Where

_FOUND_MAX = 60  # characters of a found value that are shown

Noun = TypeVar("Noun", bound=BaseModel)


class Misfit(Exception):  # noqa: N818 - caught here and turned into a FileError, never shown
    """What does not fit: where, whether it is the key there, and one sentence."""

    def __init__(self, where: Where, sentence: str, *, at_key: bool = False) -> None:
        super().__init__(sentence)
        self.where = where
        self.sentence = sentence
        self.at_key = at_key

    def under(self, where: Where) -> "Misfit":
        """The same misfit, seen from a document that holds the value at `where`."""
        return Misfit((*where, *self.where), self.sentence, at_key=self.at_key)


def fit(noun: type[Noun], raw: Any) -> Noun:
    """`raw` as a `noun`, without any conversion of types. Raises Misfit."""
    try:
        # JSON, because strict validation of JSON takes a list for a tuple and text for an enum.
        return noun.model_validate_json(json.dumps(raw), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        worst = _most_telling(error.errors(include_url=False), raw)
        raise _misfit(noun, raw, worst) from error


def _most_telling(errors: list[ErrorDetails], raw: Any) -> ErrorDetails:
    """One error: an unknown key before wrong values before missing keys, then as authored.

    Where a value may be one of several things, each of them has its own complaints; only those
    of the thing that comes nearest are listened to.
    """
    by_member: dict[tuple[str | int, ...], list[ErrorDetails]] = defaultdict(list)
    for error in errors:
        by_member[_member(error, raw)].append(error)
    plain = by_member.pop((), [])
    if not plain:
        plain = max(by_member.values(), key=lambda member: _nearness(member, raw))
    # A list whose entries are wrong is said to be too short as well: the entries come first.
    rank = {"extra_forbidden": 0, "missing": 2, "model_type": 2, "too_short": 3}
    return min(plain, key=lambda error: rank.get(error["type"], 1))


def _nearness(member: list[ErrorDetails], raw: Any) -> tuple[int, bool, int]:
    depth = max(len(_where(error, raw)) for error in member)
    return depth, member[0]["type"] == "value_error", -len(member)


def _member(error: ErrorDetails, raw: Any) -> tuple[str | int, ...]:
    """The parts of the error's place that name a member of a union, not a key of `raw`."""
    return tuple(part for part, is_key in _walk(error, raw) if not is_key)


def _where(error: ErrorDetails, raw: Any) -> Where:
    return tuple(part for part, is_key in _walk(error, raw) if is_key)


def _walk(error: ErrorDetails, raw: Any) -> Iterator[tuple[str | int, bool]]:
    """Each part of the error's place, and whether it is a key or position in `raw`."""
    here = raw
    last = len(error["loc"]) - 1
    for position, part in enumerate(error["loc"]):
        missing = position == last and error["type"] == "missing"
        if isinstance(here, dict) and (part in here or missing):
            yield part, True
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            yield part, True
            here = here[part]
        else:
            yield part, False


def _misfit(noun: type[BaseModel], raw: Any, error: ErrorDetails) -> Misfit:
    where = _where(error, raw)
    if error["type"] == "value_error":  # which may know the place within what it looks at
        where = (*where, *getattr(error["ctx"]["error"], "where", ()))
    if error["type"] == "extra_forbidden":
        known = _keys_at(noun, where[:-1])
        return Misfit(where, unknown_key(str(where[-1]), known), at_key=True)
    if error["type"] == "missing":
        return Misfit(where[:-1], f"missing key {where[-1]!r}; {_expected(noun, where)}")
    at_key = error["loc"][-1:] == ("[key]",)
    place = (*where, "[key]") if at_key else where
    return Misfit(where, _sentence(noun, place, error), at_key=at_key)


def unknown_key(found: str, known: list[str]) -> str:
    return f"unknown key {found!r}{did_you_mean(found, known)}"


def _sentence(noun: type[BaseModel], where: Where, error: ErrorDetails) -> str:
    """What was expected and what was found."""
    found = show(error["input"])
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            said = str(context["error"])
            if isinstance(error["input"], dict) or "found" in said:
                return said
            expected = said
        case "too_short":
            expected = f"expected at least {context['min_length']} here"
            found = str(context["actual_length"])
        case "literal_error" | "enum":
            expected = f"expected {context['expected']}"
        case "model_type" | "dict_type":
            expected = "expected a mapping of keys to values"
        case "tuple_type":
            expected = "expected a list"
        case "string_pattern_mismatch":
            expected = _expected(noun, where, pattern=context["pattern"])
        case _:
            # pydantic's "Input should be a valid integer" -> "expected a valid integer"
            expected = error["msg"].replace("Input should be ", "expected ", 1)
            expected = expected.replace("String should have ", "expected text with ", 1)
    return f"{expected}, found {found}"


def show(value: Any) -> str:
    """`value` as it was authored, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _FOUND_MAX else f"{text[: _FOUND_MAX - 3]}..."


def _expected(noun: type[BaseModel], where: Where, *, pattern: str = "") -> str:
    """What belongs at `where`: an example where the schema has one, else its type."""
    for schema in _schemas_at(noun, where):
        pattern = pattern or schema.get("pattern", "")
        if examples := schema.get("examples"):
            return f"expected text such as {examples[0]!r}" + (
                f" (pattern {pattern})" if pattern else ""
            )
        if "enum" in schema:
            return f"expected one of {', '.join(map(str, schema['enum']))}"
        if "type" in schema and not pattern:
            kind = {"object": "a mapping", "array": "a list", "string": "text"}
            return f"expected {kind.get(schema['type'], 'a ' + schema['type'])}"
    return f"expected text of pattern {pattern}" if pattern else "expected a value"


def _keys_at(noun: type[BaseModel], where: Where) -> list[str]:
    return [key for schema in _schemas_at(noun, where) for key in schema.get("properties", {})]


def _schemas_at(noun: type[BaseModel], where: Where) -> list[dict[str, Any]]:
    """The JSON Schemas that a value at `where` may follow; empty where none is known."""
    root = noun.model_json_schema(by_alias=True)
    here = _members(root, root)
    for part in where:
        inner = [_step(schema, part) for schema in here]
        here = [member for step in inner if step for member in _members(root, step)]
    return here


def _step(schema: dict[str, Any], part: str | int) -> dict[str, Any] | None:
    if isinstance(part, int):
        inner = schema.get("items")
    else:
        properties = schema.get("properties", {})
        # A mapping by name: pydantic puts the name's pattern where another key would stand.
        by_name = next(iter(schema.get("patternProperties", {}).values()), None)
        inner = properties.get(part, schema.get("additionalProperties", by_name))
    return inner if isinstance(inner, dict) else None


def _members(root: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema itself, or the schemas that it chooses from, with references followed."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _members(root, root["$defs"][name])
    if choices := schema.get("anyOf", schema.get("oneOf")):
        return [member for choice in choices for member in _members(root, choice)]
    return [schema]
