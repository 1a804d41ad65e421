"""Drivers that are not installed with Gameday, but with one of its extras."""

import importlib
from types import ModuleType

from gameday.domain.errors import ComponentError


def driver(module: str, *, extra: str) -> ModuleType:
    """The driver. Raises ComponentError that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ComponentError(
            f"the backend {extra} needs the package {module}, which is not here",
            next_step=f"install it where this runs: ai-gameday[{extra}]",
        ) from error
