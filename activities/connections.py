"""The clients that activities use, made in one place so that tests can hand in others."""

import os
from collections.abc import Callable
from pathlib import Path

from gameday.domain.errors import FileError
from gameday.injector.client import InjectorClient
from gameday.injector.state import read_token

InjectorFactory = Callable[[str], InjectorClient]


def injector_factory(state: Path) -> InjectorFactory:
    """Clients of any injector, with the token of the environment, else of this state folder."""

    def make(url: str) -> InjectorClient:
        return InjectorClient(url, read_token(state / "injector"))

    return make


def resolve_secret(reference: str | None) -> str | None:
    """The secret behind `env:NAME` or `file:PATH`; None for none. Raises FileError when missing.

    Called in activities only, so that no secret ever enters a workflow's history.
    """
    if reference is None:
        return None
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name)
    else:
        path = Path(name)
        value = path.read_text().strip() if path.is_file() else None
    if not value:
        raise FileError(
            f"the secret {reference} is not there",
            next_step="set it where the worker runs, or correct the reference in the target file",
        )
    return value
