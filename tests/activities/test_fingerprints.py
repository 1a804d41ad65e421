"""What the component `tools` stands at: which are in use, and what each says of itself."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from activities import fingerprints
from activities.fingerprints import read_components
from gameday.domain.component import Version, digest_of
from gameday.domain.errors import ComponentError

FILE = Path("gameday.yaml")
CONTRACTS = Version(label="orders.get 1a2b3c4d", digest=digest_of("contracts"))
IN_USE = Version(label='["orders"]', digest=digest_of(["orders"]), by="ada")


class Kept:
    def __init__(self, version: Version | None) -> None:
        self.version = version

    async def read(self) -> Version:
        if self.version is None:
            raise ComponentError("the switches do not answer")
        return self.version


@pytest.fixture
def declared(monkeypatch):
    """What the target file says: what keeps components, and what its tools tell."""

    def declare(kept: dict[str, Kept], contracts: Version | Exception | None) -> None:
        async def read(tools):
            assert tools == {"orders": "a tool"}
            if isinstance(contracts, Exception):
                raise contracts
            return contracts

        target = SimpleNamespace(tools={"orders": "a tool"})
        monkeypatch.setattr(fingerprints, "load_components", lambda file: kept)
        monkeypatch.setattr(fingerprints, "load_target", lambda file: target)
        monkeypatch.setattr(fingerprints, "read_contracts", read)

    return declare


async def test_contracts_and_what_is_in_use_are_one_version(declared):
    declared({"tools": Kept(IN_USE)}, CONTRACTS)
    read, unread = await read_components(FILE)
    assert unread == {}
    assert read["tools"].label == '["orders"]; orders.get 1a2b3c4d'
    assert read["tools"].by == "ada"
    first = read["tools"].digest
    for other in (
        (IN_USE, CONTRACTS.model_copy(update={"digest": digest_of("others")})),
        (IN_USE.model_copy(update={"digest": digest_of([])}), CONTRACTS),
    ):
        declared({"tools": Kept(other[0])}, other[1])
        assert (await read_components(FILE))[0]["tools"].digest != first


async def test_contracts_alone_are_a_version_where_nobody_keeps_a_switch(declared):
    declared({}, CONTRACTS)
    assert await read_components(FILE) == ({"tools": CONTRACTS}, {})


async def test_without_contracts_the_switches_alone_are_one(declared):
    declared({"tools": Kept(IN_USE)}, None)
    assert await read_components(FILE) == ({"tools": IN_USE}, {})


async def test_half_of_it_is_nothing(declared):
    """Else a contract that cannot be read would pass for one that has changed."""
    declared({"tools": Kept(IN_USE)}, ComponentError("the tool does not answer"))
    assert await read_components(FILE) == ({}, {"tools": "the tool does not answer"})
    declared({"tools": Kept(None), "model": Kept(IN_USE)}, CONTRACTS)
    read, unread = await read_components(FILE)
    assert read == {"model": IN_USE}
    assert unread == {"tools": "the switches do not answer"}
