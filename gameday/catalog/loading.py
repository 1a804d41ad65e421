"""Reads one file as one noun, and points at the place where it does not fit."""

from pathlib import Path
from typing import Any, TypeVar

from gameday.catalog.kinds import Registry, key_of_kind
from gameday.catalog.misfit import Misfit, Noun, fit
from gameday.catalog.yaml_reader import Document, Mark, Where, read_file
from gameday.domain.drill import Extensible
from gameday.domain.errors import FileError

Spec = TypeVar("Spec", bound=Extensible)


def load(noun: type[Noun], path: Path, next_step: str) -> Noun:
    """The noun in `path`. Raises FileError."""
    document = read_file(path, next_step=next_step)
    try:
        return whole(noun, document)
    except Misfit as misfit:
        raise located(document, misfit) from misfit


def whole(noun: type[Noun], document: Document) -> Noun:
    """The whole document as one noun. Raises Misfit."""
    if not isinstance(document.raw, dict):
        raise Misfit((), "expected a mapping of keys to values at the top")
    return fit(noun, document.raw)


def located(document: Document, misfit: Misfit) -> FileError:
    """The misfit as an error that points at its nearest place in the file."""
    marks = document.keys if misfit.at_key else document.values
    where = misfit.where
    while where and where not in marks:
        where = where[:-1]
    overridden = document.overridden(misfit.where)
    if overridden is not None:
        return overridden.error(Mark(1, 1, 1), misfit.sentence)
    mark = marks.get(where) or document.values[()]
    return document.source.error(mark, misfit.sentence)


def fit_spec(document: Document, registry: Registry[Spec, Any], where: Where, spec: Spec) -> Any:
    """What `spec` states at `where`: a fault, a check, a backend. Raises Misfit."""
    if (*where, "settings") in document.keys:
        # The nouns keep settings apart; in a file they are flat, and one way is enough.
        raise Misfit(
            (*where, "settings"),
            f"unknown key 'settings'; write each setting beside {key_of_kind(type(spec))}",
            at_key=True,
        )
    try:
        return registry.fit(spec)
    except Misfit as misfit:
        raise misfit.under(where) from misfit
