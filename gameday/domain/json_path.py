"""Where something is in a JSON document: names and places in lists, with dots between."""

from typing import Annotated, Any

from pydantic import Field

JsonPath = Annotated[
    str,
    Field(
        pattern=r"^[^.\s]{1,80}(\.[^.\s]{1,80}){0,15}$",
        examples=["choices.0.message.content"],
    ),
]


def split_path(path: str) -> tuple[str | int, ...]:
    """`choices.0.text` as ("choices", 0, "text"); a whole number is a place, -1 the last one."""
    return tuple(_step(name) for name in path.split("."))


def look(document: Any, steps: tuple[str | int, ...]) -> Any:
    """What is there; None where nothing is."""
    for step in steps:
        if isinstance(document, dict):
            document = document.get(str(step))
        elif isinstance(document, list) and isinstance(step, int):
            document = document[step] if -len(document) <= step < len(document) else None
        else:
            return None
    return document


def _step(name: str) -> str | int:
    digits = name.removeprefix("-")
    return int(name) if digits.isascii() and digits.isdigit() and len(digits) < 7 else name
