"""What a reader must know of the machine before believing a figure of it."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.cores import Cores


def describe(where: Cores) -> dict[str, Any]:
    """As it is now, before the run: afterwards its load is the run's own."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "core_measured": sorted(where.measured),
        "core_of_the_rest": sorted(where.rest),
        "measured_has_its_own_core": where.apart,
        "nice": where.nice,
        "load_average_1_min": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "uvloop": version("uvloop"),
        "httptools": version("httptools"),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
