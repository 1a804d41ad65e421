"""The clients that activities use, made in one place so that tests can hand in others."""

from collections.abc import Callable
from pathlib import Path

from gameday.injector.client import InjectorClient
from gameday.injector.state import read_token
from gameday.supervisor.secrets import read_secret

InjectorFactory = Callable[[str], InjectorClient]


def injector_factory(state: Path) -> InjectorFactory:
    """Clients of any injector, with the token of the environment, else of this state folder."""

    def make(url: str) -> InjectorClient:
        return InjectorClient(url, read_token(state / "injector"))

    return make


def resolve_secret(reference: str | None) -> str | None:
    """The secret behind a reference; None for none. Raises FileError when it is missing.

    Called in activities only, so that no secret ever enters a workflow's history.
    """
    return None if reference is None else read_secret(reference)
