"""`--set windows.faulted=5s`: changes one field of a document before it is judged."""

from typing import Any

from gameday.catalog.misfit import show
from gameday.catalog.nearest import did_you_mean
from gameday.catalog.yaml_reader import Document, Mark, Source, Where, read_text

_WHOLE = Mark(1, 1, 1)


def override(document: Document, text: str) -> None:
    """Put the value of `text` (`path=value`) into the document. Raises FileError.

    The last part of the path may be a key that the file leaves out; what it leads through must
    be there. Whether the result makes sense is judged with the rest of the document.
    """
    source = Source(f"--set {text}", [text], document.source.next_step, is_file=False)
    path, equals, value = text.partition("=")
    if not equals or not all(path.split(".")):
        raise source.error(_WHOLE, "expected a path and a value, such as windows.faulted=5s")
    if not value.strip():
        raise source.error(_WHOLE, "found nothing after '='; expected a value")
    where = _put(document.raw, path.split("."), read_text(value, source).raw, source)
    deeper = [place for place in document.overrides if place[: len(where)] == where]
    for place in deeper:  # what they had set is gone
        del document.overrides[place]
    document.overrides[where] = source


def _put(raw: Any, parts: list[str], value: Any, source: Source) -> Where:
    here = raw
    where: list[str | int] = []
    for part in parts:
        last = len(where) == len(parts) - 1
        step = _step(here, part, source, may_be_new=last)
        where.append(step)
        if last:
            here[step] = value
        else:
            here = here[step]
    return tuple(where)


def _step(here: Any, part: str, source: Source, *, may_be_new: bool) -> str | int:
    if isinstance(here, dict):
        if part in here or may_be_new:
            return part
        raise source.error(_WHOLE, f"found no {part!r} in the file{did_you_mean(part, here)}")
    if isinstance(here, list):
        if part.isascii() and part.isdigit() and len(part) < 6 and int(part) < len(here):
            return int(part)
        raise source.error(_WHOLE, f"found {part!r}; expected a position from 0 to {len(here) - 1}")
    raise source.error(_WHOLE, f"found {show(here)} before {part!r}; expected keys or a list there")
