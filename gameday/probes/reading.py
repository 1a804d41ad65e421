"""Takes documents of a server apart, which may send anything.

What is missing is empty; what is of another kind than it must be raises TypeError.
"""

from typing import Annotated, Any

from msgspec import Meta

KIND_CHARACTERS_MAX = 400
NOT_IN_DIALECT = "what arrived is not in the dialect"
# Raised by a decoder for bytes that are no JSON, too deep, or of another shape than it was told.
NO_DOCUMENT = (ValueError, RecursionError)
Count = Annotated[int, Meta(ge=0)]  # of tokens


def text(value: Any) -> str:
    """A text; '' for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise TypeError("no text")


def count(value: Any) -> int:
    """A number of tokens; 0 for none."""
    if value is None:
        return 0
    # bool is an int to Python, and to nobody else.
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise TypeError("no count")


def amount(value: Any) -> float | None:
    """An amount of money; None for whatever is none, as most servers tell no such thing."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    return None


def inside(value: Any) -> dict[str, Any]:
    """An object; an empty one for none."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise TypeError("no object")


def listed(value: Any) -> list[Any]:
    """A list; an empty one for none."""
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise TypeError("no list")


def error_kind(error: Any) -> str:
    """The error's type or code; never its message, which may hold what a user wrote.

    It is cut so late that what must be taken out of it is there as a whole.
    """
    if isinstance(error, dict):
        return str(error.get("type") or error.get("code") or "unnamed")[:KIND_CHARACTERS_MAX]
    return "unnamed"
