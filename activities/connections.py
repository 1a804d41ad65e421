"""The clients that activities use, made in one place so that tests can hand in others."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from gameday.domain.environment import InjectorAddress, injector_url
from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.gate import MarkerMatch
from gameday.domain.synthetic import Synthetic
from gameday.injector.client import InjectorClient
from gameday.injector.state import read_token
from gameday.probes.caller import Caller
from gameday.probes.secrets import Secrets
from gameday.supervisor.secrets import read_secret

InjectorFactory = Callable[[InjectorAddress], InjectorClient]


def injector_factory(state: Path) -> InjectorFactory:
    """Clients of any injector: see `injector_client`."""

    def make(at: InjectorAddress) -> InjectorClient:
        return injector_client(at, state)

    return make


def injector_client(at: InjectorAddress, state: Path) -> InjectorClient:
    """With the token that the target declares, else the environment's, else the state folder's."""
    token = read_token(state / "injector") if isinstance(at, str) else read_secret(at.token)
    return InjectorClient(injector_url(at), token)


def resolve_secret(reference: str | None) -> str | None:
    """The secret behind a reference; None for none. Raises FileError when it is missing.

    Called in activities only, so that no secret ever enters a workflow's history.
    """
    return None if reference is None else read_secret(reference)


def resolve_front_door_key(door: FrontDoor, synthetic: Synthetic = Synthetic()) -> str | None:  # noqa: B008 - frozen
    """The key that synthetic requests are made with: the marker's, where that is a key."""
    marked = door.marker.key if door.marker else None
    return resolve_secret(marked or synthetic.key or door.key)


def resolve_front_door_secrets(door: FrontDoor, synthetic: Synthetic) -> Secrets:
    """All that a load needs. Where the mark is a key, its control group asks with the usual one."""
    login = resolve_secret(door.login.secret if door.login else None)
    marked_by_key = door.marker is not None and door.marker.key is not None
    control = resolve_secret(door.key) if marked_by_key else None
    return Secrets(resolve_front_door_key(door, synthetic), login, control)


def resolve_caller(run_id: str, door: FrontDoor, synthetic: Synthetic) -> Caller:
    """Who asks single questions, as the run's load would."""
    secrets = resolve_front_door_secrets(door, synthetic)
    return Caller(run_id, secrets.key, synthetic, secrets.login)


def resolve_marker(marker: Marker | None) -> MarkerMatch | None:
    """How the gate knows the drill's own requests; None when the target declares no marker."""
    if marker is None:
        return None
    key = resolve_secret(marker.key_at_provider or marker.key)
    if key is None:
        return MarkerMatch(header=marker.header, body=marker.body)
    return MarkerMatch(key_sha256=hashlib.sha256(key.encode()).hexdigest())
