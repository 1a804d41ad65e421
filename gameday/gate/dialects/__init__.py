"""Finds a dialect by its file name: one file for each provider's way of speaking."""

import importlib
import inspect
import pkgutil
from functools import cache
from typing import cast

from gameday.domain.errors import FileError
from gameday.domain.wire import Dialect


def names() -> tuple[str, ...]:
    """Every dialect there is, in order."""
    files = pkgutil.iter_modules(__path__)
    return tuple(sorted(file.name for file in files if not file.name.startswith("_")))


@cache
def find(name: str) -> Dialect:
    """The dialect of that name, imported when it is first asked for. Raises FileError."""
    if name not in names():
        raise FileError(
            f"there is no dialect {name!r}; there are {', '.join(names())}",
            next_step="name one of them, or add a file for yours to gameday/gate/dialects",
        )
    module = importlib.import_module(f"{__name__}.{name}")
    public = [
        value
        for word, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and word[0] != "_"
    ]
    if len(public) != 1:
        raise FileError(
            f"{module.__file__}: expected exactly one public class, found {len(public)}",
            next_step="give each dialect a file of its own",
        )
    return cast("Dialect", public[0]())
