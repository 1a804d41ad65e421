"""Reads JSON as its standard has it, from a whole answer or out of its midst."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

NO_JSON = object()
"""What `parse` gives for text that is none: null is JSON."""


def parse(text: str) -> Any:
    """The document in `text`, or NO_JSON."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        # No JSON; or nested, or with a number, beyond all measure.
        return NO_JSON


def blocks(text: str) -> Iterator[str]:
    """Each outermost piece of `text` from a brace to the one that closes it.

    Braces are counted wherever they stand, also in quotes: a piece may then be cut wrongly, and
    is no JSON.
    """
    depth = start = 0
    for place, character in enumerate(text):
        if character == "{":
            start = start if depth else place
            depth += 1
        elif character == "}" and depth:
            depth -= 1
            if not depth:
                yield text[start : place + 1]
    if depth:
        yield text[start:]


def same(one: Any, other: Any) -> bool:
    """Whether two documents are equal; true is not 1, as it is in Python."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(*pair) for pair in pairs)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
