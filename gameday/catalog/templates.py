"""Fills `{{name}}` in the texts of a suite."""

import re
from collections.abc import Mapping
from typing import Any

from gameday.catalog.nearest import did_you_mean

_FIELD = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def render(text: str, variables: Mapping[str, Any]) -> str:
    """`text` with each `{{name}}` replaced. Raises ValueError for what is no name, or unknown."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not _NAME.fullmatch(name):
            raise ValueError(f"found {match[0]!r}; expected the name of a variable: {{{{name}}}}")
        if name not in variables:
            raise ValueError(f"unknown variable {name!r}{did_you_mean(name, variables)}")
        return written(variables[name])

    return _FIELD.sub(value, text)


def render_all(value: Any, variables: Mapping[str, Any]) -> Any:
    """`value` with every text in it rendered; keys stay as they are. Raises ValueError."""
    if isinstance(value, str):
        return render(value, variables)
    if isinstance(value, list):
        return [render_all(inner, variables) for inner in value]
    if isinstance(value, dict):
        return {key: render_all(inner, variables) for key, inner in value.items()}
    return value


def written(value: Any) -> str:
    """A variable as text; a truth value as it stands in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)
