"""Reads one strict YAML 1.2 document and remembers where each key and value stands.

It works on the parser's events and resolves plain scalars itself, so that nothing an author may
write (aliases, tags, endless nesting) can make it build something large, or recurse.
"""

import copy
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gameday.domain.errors import FileError

BYTES_MAX = 256 * 1024
DEPTH_MAX = 20
DOCUMENTS_MAX = 200
_SHOWN_MAX = 100  # characters of an offending line

Where = tuple[str | int, ...]
"""A place in a document: the keys and positions that lead there."""

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
# Longer digits stay text: no setting needs them, and Python refuses to convert the very long.
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_BASED = re.compile(r"0(?:o[0-7]{1,18}|x[0-9a-fA-F]{1,15})")
_FLOAT = re.compile(
    r"[-+]?(?:(?:\.[0-9]{1,40}|[0-9]{1,40}\.[0-9]{0,40})(?:[eE][-+]?[0-9]{1,3})?"
    r"|[0-9]{1,40}[eE][-+]?[0-9]{1,3})"
)


@dataclass(frozen=True)
class Mark:
    """Where something stands, counted from 1, and how many characters it takes."""

    line: int
    column: int
    width: int


@dataclass
class Source:
    """The text that a document came from; makes the errors that point into it."""

    label: str  # a path, or "--set windows.faulted=abc"
    lines: list[str]
    next_step: str
    is_file: bool = True

    def error(self, mark: Mark, sentence: str) -> FileError:
        if not self.is_file:
            return FileError(f"{self.label}  {sentence}", next_step=self.next_step)
        place = f"{self.label}:{mark.line}:{mark.column}"
        return FileError(
            f"{place}  {sentence}", excerpt=self._excerpt(mark), next_step=self.next_step
        )

    def _excerpt(self, mark: Mark) -> str:
        line = self.lines[mark.line - 1] if mark.line <= len(self.lines) else ""
        shown = "".join(c if c.isprintable() else "?" for c in line.replace("\t", " "))
        start = max(0, mark.column - 1 - _SHOWN_MAX // 2) if len(shown) > _SHOWN_MAX else 0
        shown = shown[start : start + _SHOWN_MAX].rstrip()
        before = mark.column - 1 - start
        carets = "^" * max(1, min(mark.width, len(shown) - before))
        gutter = " " * len(str(mark.line))
        return f"  {mark.line} | {shown}\n  {gutter} | {' ' * before}{carets}"


@dataclass
class Document:
    """A document's plain value, with the place of every key and value in it."""

    source: Source
    raw: Any = None
    values: dict[Where, Mark] = field(default_factory=dict)
    keys: dict[Where, Mark] = field(default_factory=dict)
    overrides: dict[Where, Source] = field(default_factory=dict)

    def overridden(self, where: Where) -> Source | None:
        """The override that stands at or above `where`."""
        above = (where[:length] for length in range(len(where), 0, -1))
        return next((self.overrides[place] for place in above if place in self.overrides), None)


def read_file(path: Path, *, next_step: str) -> Document:
    """The document in `path`. Raises FileError, with the place where there is one.

    It is read anew, and parsed anew where its text is another: whoever starts many runs, or looks
    at one system all day, parses the same few files.
    """
    text, source = _text_of(path, next_step)
    parsed = _parsed(text, source.label, next_step)
    return Document(
        parsed.source, copy.deepcopy(parsed.raw), dict(parsed.values), dict(parsed.keys)
    )


@lru_cache(maxsize=8)
def _parsed(text: str, label: str, next_step: str) -> Document:
    """Not to be changed: it is everybody's."""
    return read_text(text, Source(label, text.splitlines(), next_step))


def read_documents(path: Path, *, next_step: str) -> list[Document]:
    """All documents in `path`, each as strict as a file of one. Raises FileError."""
    text, source = _text_of(path, next_step)
    return _Reader(source).read_all(text)


def _text_of(path: Path, next_step: str) -> tuple[str, Source]:
    try:
        if not path.is_file():
            kind = "is not a regular file" if path.exists() else "does not exist"
            raise FileError(f"{path} {kind}; expected a YAML file", next_step=next_step)
        if (size := path.stat().st_size) > BYTES_MAX:
            raise FileError(
                f"{path} has {size:,} bytes; expected at most {BYTES_MAX:,}", next_step=next_step
            )
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error}", next_step=next_step) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise FileError(
            f"{path}:{line}:{column}  found byte 0x{content[error.start]:02x}; expected UTF-8 text",
            next_step=next_step,
        ) from error
    return text, Source(str(path), text.splitlines(), next_step)


def read_text(text: str, source: Source) -> Document:
    """The document in `text`. Raises FileError that points into `source`."""
    return _Reader(source).read(text)


@dataclass
class _Open:
    """A mapping or list whose end has not been seen."""

    where: Where
    content: dict[str, Any] | list[Any]
    key: str | None = None  # the key that waits for its value

    def add(self, value: Any) -> None:
        if isinstance(self.content, list):
            self.content.append(value)
        elif self.key is not None:
            self.content[self.key] = value
            self.key = None

    def next_where(self) -> Where:
        return (*self.where, len(self.content) if self.key is None else self.key)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.document = Document(source)
        self.open: list[_Open] = []
        self.documents = 0
        self.documents_max = 1

    def read(self, text: str) -> Document:
        for event in self._events(text):
            self._take(event)
        if self.document.values.get(()) is None:
            raise self._nothing()
        return self.document

    def read_all(self, text: str) -> list[Document]:
        self.documents_max = DOCUMENTS_MAX
        found: list[Document] = []
        for event in self._events(text):
            if isinstance(event, DocumentStartEvent):
                self.document = Document(self.source)
                found.append(self.document)
            self._take(event)
        # A file that ends in `---` has one more, of nothing.
        found = [document for document in found if document.raw is not None]
        if not found:
            raise self._nothing()
        return found

    def _nothing(self) -> FileError:
        return self.source.error(Mark(1, 1, 1), "found nothing; expected a mapping of keys")

    def _events(self, text: str) -> Iterator[Event]:
        parser = YAML(typ="safe", pure=True)
        try:
            yield from parser.parse(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = Mark(mark.line + 1, mark.column + 1, 1) if mark else Mark(1, 1, 1)
            said = " ".join(str(part) for part in (error.context, error.problem) if part)
            raise self.source.error(at, f"is not valid YAML: {said}") from error
        # The scanner turns an escape beyond Unicode into a ValueError or OverflowError.
        except (YAMLError, ValueError, OverflowError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise self.source.error(Mark(1, 1, 1), f"is not valid YAML: {said}") from error

    def _take(self, event: Event) -> None:
        mark = self._mark(event)
        self._refuse_what_is_not_plain(event, mark)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._start(mark, {} if isinstance(event, MappingStartEvent) else [])
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.open.pop()
        elif isinstance(event, ScalarEvent):
            self._scalar(event, mark)

    def _refuse_what_is_not_plain(self, event: Event, mark: Mark) -> None:
        error = self.source.error
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > self.documents_max:
                most = "one" if self.documents_max == 1 else f"at most {self.documents_max}"
                nth = "a second document" if self.documents == 2 else "more documents"
                raise error(mark, f"found {nth}; expected {most}")
            if event.version or event.tags:
                raise error(mark, "found a YAML directive; expected none")
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, AliasEvent):
            raise error(mark, f"found alias *{anchor}; expected the value itself, written out")
        if anchor:
            raise error(mark, f"found anchor &{anchor}; expected none, as nothing may refer to it")
        if tag:
            raise error(mark, f"found tag {tag}; expected none")

    def _start(self, mark: Mark, content: dict[str, Any] | list[Any]) -> None:
        if len(self.open) >= DEPTH_MAX:
            raise self.source.error(
                mark, f"found more than {DEPTH_MAX} levels of nesting; expected at most {DEPTH_MAX}"
            )
        if self._expects_key():
            raise self.source.error(mark, "found a mapping or list as a key; expected text")
        where = self._place(content, mark)
        self.open.append(_Open(where, content))

    def _scalar(self, event: ScalarEvent, mark: Mark) -> None:
        try:
            # Escapes may write one character as two surrogates, as JSON does; half of one is none.
            text = event.value.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError as error:
            said = "found half of a surrogate pair; expected whole text"
            raise self.source.error(mark, said) from error
        if self._expects_key():
            self._key(text, mark)
        else:
            self._place(resolve(text) if event.style is None else text, mark)

    def _key(self, key: str, mark: Mark) -> None:
        top = self.open[-1]
        if key in top.content:
            first = self.document.keys[(*top.where, key)].line
            raise self.source.error(mark, f"duplicate key {key!r}; the first is on line {first}")
        top.key = key
        self.document.keys[(*top.where, key)] = mark

    def _place(self, value: Any, mark: Mark) -> Where:
        if not self.open:
            where: Where = ()
            self.document.raw = value
        else:
            where = self.open[-1].next_where()
            self.open[-1].add(value)
        self.document.values[where] = mark
        return where

    def _expects_key(self) -> bool:
        return (
            bool(self.open)
            and isinstance(self.open[-1].content, dict)
            and self.open[-1].key is None
        )

    def _mark(self, event: Event) -> Mark:
        start, end = event.start_mark, event.end_mark
        width = end.column - start.column if start.line == end.line else 1
        return Mark(start.line + 1, start.column + 1, max(1, width))


def resolve(text: str) -> Any:
    """What a plain scalar means in YAML 1.2's core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text
