"""Loads gate files, without what other files need: a gate that is started again must be quick."""

from pathlib import Path

from gameday.catalog.loading import load
from gameday.domain.gate_config import GateConfig


def load_gate_config(path: Path | str) -> GateConfig:
    """The gate file in `path`. Raises FileError."""
    return load(GateConfig, Path(path), "gameday schema gate")
