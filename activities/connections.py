"""The clients that activities use, made in one place so that tests can hand in others."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from gameday.domain.gate import MarkerMatch
from gameday.domain.target import FrontDoor, Marker
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


def resolve_front_door_key(door: FrontDoor) -> str | None:
    """The key that the drill asks the front door with: the marker's, where that is a key."""
    marker = door.marker
    return resolve_secret(marker.key if marker and marker.key else door.key)


def resolve_marker(marker: Marker | None) -> MarkerMatch | None:
    """How the gate knows the drill's own requests; None when the target declares no marker."""
    if marker is None:
        return None
    key = resolve_secret(marker.key_at_provider or marker.key)
    if key is None:
        return MarkerMatch(header=marker.header, body=marker.body)
    return MarkerMatch(key_sha256=hashlib.sha256(key.encode()).hexdigest())
