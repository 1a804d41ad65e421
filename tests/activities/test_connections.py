import hashlib

import pytest

from activities.connections import (
    injector_client,
    resolve_front_door_key,
    resolve_front_door_secrets,
    resolve_marker,
)
from gameday.domain.environment import InjectorAt
from gameday.domain.errors import FileError
from gameday.domain.front_door import FrontDoor, Marker
from gameday.domain.gate import MarkerMatch
from gameday.domain.synthetic import Synthetic


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name in ("DOOR", "DRILL", "THERE"):
        monkeypatch.setenv(name, f"key-{name.lower()}")


def test_a_header_and_a_body_field_are_known_by_their_names():
    assert resolve_marker(Marker(header="x-gameday")) == MarkerMatch(header="x-gameday")
    assert resolve_marker(Marker(body="metadata.run")) == MarkerMatch(body="metadata.run")
    assert resolve_marker(None) is None


def test_a_key_is_known_by_the_digest_of_what_the_provider_is_asked_with():
    def digest(text):
        return hashlib.sha256(text.encode()).hexdigest()

    at_provider = Marker(key="env:DRILL", key_at_provider="env:THERE")
    assert resolve_marker(at_provider) == MarkerMatch(key_sha256=digest("key-there"))
    assert resolve_marker(Marker(key="env:DRILL")) == MarkerMatch(key_sha256=digest("key-drill"))
    with pytest.raises(FileError, match="env:GONE"):
        resolve_marker(Marker(key="env:GONE"))


def test_the_front_door_is_asked_with_the_markers_key_where_that_is_one():
    door = FrontDoor(key="env:DOOR", marker=Marker(key="env:DRILL"))
    assert resolve_front_door_key(door) == "key-drill"
    header = FrontDoor(key="env:DOOR", marker=Marker(header="x-gameday"))
    assert resolve_front_door_key(header) == "key-door"
    assert resolve_front_door_key(FrontDoor()) is None


def test_the_control_group_asks_with_the_usual_key_where_the_mark_is_one():
    by_key = FrontDoor(key="env:DOOR", marker=Marker(key="env:DRILL"))
    secrets = resolve_front_door_secrets(by_key, Synthetic())
    assert (secrets.key_of("experiment"), secrets.key_of("control")) == ("key-drill", "key-door")
    by_header = FrontDoor(key="env:DOOR", marker=Marker(header="x-gameday"))
    secrets = resolve_front_door_secrets(by_header, Synthetic())
    assert (secrets.key_of("experiment"), secrets.key_of("control")) == ("key-door", "key-door")


def test_a_key_of_the_synthetic_block_goes_before_the_front_doors():
    door = FrontDoor(key="env:DOOR")
    assert resolve_front_door_key(door, Synthetic(key="env:DRILL")) == "key-drill"


def test_an_injector_with_a_token_of_its_own_is_asked_with_that(monkeypatch, tmp_path):
    monkeypatch.setenv("GAMEDAY_INJECTOR_TOKEN", "everybody's")
    own = InjectorAt(url="http://127.0.0.1:9", token="env:THERE")
    assert bearer(injector_client(own, tmp_path)) == "Bearer key-there"
    assert bearer(injector_client("http://127.0.0.1:9", tmp_path)) == "Bearer everybody's"


def bearer(client):
    return client._headers["authorization"]
