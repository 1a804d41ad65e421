"""Reads what the components of a target stand at. Changes nothing."""

from pathlib import Path

from gameday.catalog.files import load_components
from gameday.domain.component import ComponentName, Version
from gameday.domain.errors import GamedayError


async def read_components(
    target_file: Path,
) -> tuple[dict[ComponentName, Version], dict[ComponentName, str]]:
    """What each component stands at; of those that cannot be read, why. Raises FileError."""
    read: dict[ComponentName, Version] = {}
    unread: dict[ComponentName, str] = {}
    for name, backend in load_components(target_file).items():
        try:
            read[name] = await backend.read()
        except GamedayError as error:
            unread[name] = error.sentence
    return read, unread
