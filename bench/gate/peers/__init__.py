"""The proxies that the gate is measured beside, one file each."""

from pathlib import Path
from typing import Protocol

from gameday.supervisor.child import Child


class Peer(Protocol):
    """One proxy that can be put in front of the upstream."""

    name: str
    port: int  # where it serves

    def version(self) -> str:
        """What it says of itself, '' when it is not installed."""

    def start(self, folder: Path, upstream_port: int) -> Child:
        """Start it, with its files in `folder`. It may not serve yet when this returns."""
