"""`python -m bench.ledger.look`: one look at one corpus, in a process of its own."""

import asyncio
import importlib
import json
import sys
import time
from pathlib import Path

from gameday.catalog.kinds import components
from gameday.domain.component import Component

_DRIVERS = {"lancedb": "lance", "postgres": "psycopg", "files": "sqlite3"}


def look(folder: Path) -> dict[str, object]:
    """What it found, and what it took; the folder says of which backend's."""
    component = Component.model_validate_json((folder / "component.json").read_text())
    backend = components.make(component).beside(folder)
    # Whoever looks time and again has the driver already.
    importlib.import_module(_DRIVERS[component.kind])
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    version = asyncio.run(backend.read())
    return {
        "seconds": time.perf_counter() - began_s,
        "cpu_s": time.process_time() - began_cpu_s,
        "peak_mb": _peak_mb(),
        "version": version.model_dump(mode="json"),
    }


def _peak_mb() -> float:
    """The kernel's count of this program alone; getrusage's begins with who started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    print(json.dumps(look(Path(sys.argv[1]))))
