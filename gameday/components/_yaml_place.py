"""Finds one value in the text of a YAML or JSON file, and replaces nothing but it.

A file that people keep in git has comments, an order and a style of its own. Written anew from
what it means it would lose them, so only the characters of the one value are touched.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gameday.catalog.yaml_reader import resolve

Where = tuple[str | int, ...]
# Text that every reader takes for text without quotes: no date, number, truth value or null.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*")
# What YAML does not take as it is, or for the end of a line; the others JSON escapes itself.
_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")
_WORDS_OF_YAML_1_1 = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


@dataclass(frozen=True)
class Place:
    """One value: what it means, its characters, from where, and how it is quoted (None: not)."""

    value: Any
    raw: str
    start: int
    style: str | None


def find(text: str, where: Where) -> Place:
    """The value there. Raises ValueError, with a sentence, where there is no single plain one."""
    found = [event for place, event in _nodes(text) if place == where]
    name = ".".join(map(str, where))
    if len(found) != 1:
        raise ValueError(f"{name} is there {len(found)} times; expected once")
    event = found[0]
    if not isinstance(event, ScalarEvent) or event.style in ("|", ">"):
        raise ValueError(f"{name} is no value on one line; expected text, a number or a flag")
    if event.anchor or event.tag:
        raise ValueError(f"{name} has an anchor or a tag; expected a value and nothing else")
    start, end = event.start_mark.index, event.end_mark.index
    return Place(_meaning(event), text[start:end], start, event.style)


def replaced(text: str, where: Where, raw: str) -> str:
    """`text` with the characters of the value there replaced by `raw`.

    Raises ValueError where that would change the meaning of anything else.
    """
    place = find(text, where)
    made = text[: place.start] + raw + text[place.start + len(place.raw) :]
    before = [(at, _meaning(event)) for at, event in _nodes(text) if at != where]
    after = [(at, _meaning(event)) for at, event in _nodes(made) if at != where]
    if before != after:
        raise ValueError(f"{raw} cannot be put at {'.'.join(map(str, where))} of this file")
    return made


def written(value: Any, like: Place, *, as_json: bool = False) -> str:
    """`value` as it is written where `like` stands, quoted as that is if it can be.

    as_json: the file is read by others as JSON, so that text must have quotes.
    """
    if not isinstance(value, str):
        return json.dumps(value)
    if as_json:
        return _quoted(value)
    if like.style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML_1_1
    return value if like.style is None and plain else _quoted(value)


def _quoted(value: str) -> str:
    """In double quotes, as JSON and YAML both read it."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@dataclass
class _Open:
    """A mapping or list whose end has not been seen."""

    where: Where
    is_list: bool
    count: int = 0
    key: str | None = None

    def take_place(self) -> Where:
        """Of the value that comes now."""
        if self.is_list:
            self.count += 1
            return (*self.where, self.count - 1)
        assert self.key is not None
        place, self.key = (*self.where, self.key), None
        return place


def _nodes(text: str) -> Iterator[tuple[Where, NodeEvent]]:
    """Every value with its place. Raises ValueError for what is no single plain document."""
    opened: list[_Open] = []
    documents = 0
    for event in _events(text):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise ValueError("it has several documents; expected one")
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            opened.pop()
        elif isinstance(event, NodeEvent):
            top = opened[-1] if opened else None
            if top is not None and not top.is_list and top.key is None:
                if not isinstance(event, ScalarEvent):
                    raise ValueError("it has a mapping, list or alias as a key; expected text")
                top.key = event.value
                continue
            where = top.take_place() if top else ()
            yield where, event
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                opened.append(_Open(where, isinstance(event, SequenceStartEvent)))


def _events(text: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        raise ValueError(f"it is not valid YAML or JSON: {error.problem}") from error
    # The scanner turns an escape beyond Unicode into a ValueError or OverflowError.
    except (YAMLError, OverflowError) as error:
        raise ValueError("it is not valid YAML or JSON") from error


def _meaning(event: NodeEvent) -> Any:
    if isinstance(event, ScalarEvent):
        return resolve(event.value) if event.style is None else event.value
    return ("alias", event.anchor) if isinstance(event, AliasEvent) else type(event).__name__
