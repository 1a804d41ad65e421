"""Fills the placeholders of a request, a command or a document: `{{to}}`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PLACEHOLDER = re.compile(r"\{\{ *([a-z_]+) *\}\}")


def fill(template: str, words: Mapping[str, Any]) -> str:
    """`template` with its placeholders replaced."""
    return PLACEHOLDER.sub(lambda found: str(words[found[1]]), template)


def fill_all(part: Any, words: Mapping[str, Any]) -> Any:
    """All texts of a document filled; one that is a placeholder alone becomes the value itself."""
    if isinstance(part, str):
        alone = PLACEHOLDER.fullmatch(part.strip())
        return words[alone[1]] if alone else fill(part, words)
    if isinstance(part, dict):
        return {name: fill_all(value, words) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [fill_all(value, words) for value in part]
    return part


def words_in(part: Any) -> Iterator[str]:
    """The placeholders in all texts of `part`."""
    if isinstance(part, str):
        yield from PLACEHOLDER.findall(part)
    elif isinstance(part, dict):
        for value in part.values():
            yield from words_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from words_in(value)
