"""Reads what the components of a target stand at. Changes nothing."""

from pathlib import Path

from gameday.catalog.files import load_components, load_target
from gameday.components._contracts import read_contracts
from gameday.domain.component import ComponentName, Version, digest_of
from gameday.domain.errors import GamedayError


async def read_components(
    target_file: Path,
) -> tuple[dict[ComponentName, Version], dict[ComponentName, str]]:
    """What each component stands at; of those that cannot be read, why. Raises FileError.

    `tools` stands at which of them are in use, where the target says what keeps that, and at what
    they say of themselves, where it says where that is to be read.
    """
    read: dict[ComponentName, Version] = {}
    unread: dict[ComponentName, str] = {}
    for name, backend in load_components(target_file).items():
        try:
            read[name] = await backend.read()
        except GamedayError as error:
            unread[name] = error.sentence
    try:
        contracts = await read_contracts(load_target(target_file).tools)
    except GamedayError as error:
        read.pop("tools", None)  # half of it would pass for a change
        unread["tools"] = error.sentence
    else:
        if contracts is not None and "tools" not in unread:
            read["tools"] = _joined(read.get("tools"), contracts)
    return read, unread


def _joined(in_use: Version | None, contracts: Version) -> Version:
    if in_use is None:
        return contracts
    digest = digest_of([in_use.digest, contracts.digest])
    label = f"{in_use.label}; {contracts.label}"
    return in_use.model_copy(update={"label": label, "digest": digest})
