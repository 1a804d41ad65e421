"""Reads one number out of a JSON document over HTTP."""

from typing import Any

from gameday.domain.errors import SourceError
from gameday.sources.asking import ask


async def read_number(url: str, path: str, key: str | None = None) -> tuple[float, str]:
    """The number at `path` (`data.items.0.count`), and the answer. Raises SourceError."""
    document, raw = await ask(url, key=key)
    here: Any = document
    for step in path.split("."):
        here = _into(here, step, path, url)
    if isinstance(here, bool) or not isinstance(here, int | float):
        raise SourceError(f"{path} of {url} is {_named(here)}; expected a number")
    return float(here), raw


def _into(here: Any, step: str, path: str, url: str) -> Any:
    if isinstance(here, dict) and step in here:
        return here[step]
    if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
        return here[int(step)]
    raise SourceError(f"{url} answers without {step!r} (of {path}) in {_named(here)}")


def _named(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with {', '.join(map(repr, list(value)[:8])) or 'nothing'}"
    return f"a list of {len(value)}" if isinstance(value, list) else repr(value)[:60]
