"""A real `gameday serve` on one core, that starts drills of the lab where a Temporal is named."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench import cores
from bench.serve.telling import SECRET
from gameday.cli.session import lab_target
from gameday.domain.errors import StartError
from gameday.supervisor.child import Child
from gameday.supervisor.ports import free_ports

_READY_S_MAX = 90.0
_DEALT_WITH_S_MAX = 120.0
_SERVE = """\
serve: bench
senders:
  grafana: {kind: grafana, secret: "env:BENCH_SERVE_SECRET"}
start:
  - {when: {alertname: Started}, drill: provider-outage, environment: lab, again_after: 1ms}
"""


@dataclass(frozen=True)
class Receiver:
    """One that runs, and what it was given."""

    child: Child
    url: str
    target: Path

    def until_dealt_with(self) -> None:
        """Wait for the dispatcher: its work is a part of the cost. StartError if it is late."""
        give_up = time.monotonic() + _DEALT_WITH_S_MAX
        while _waiting(self.url) != 0:
            if time.monotonic() > give_up:
                raise StartError(f"the inbox was not empty after {_DEALT_WITH_S_MAX:g} s")
            time.sleep(0.1)


@contextmanager
def receiver(folder: Path, where: cores.Cores, temporal: str = "") -> Iterator[Receiver]:
    """temporal: its address; without one, no alert can start anything."""
    port, nobody = free_ports(2)
    (folder / "serve.yaml").write_text(_SERVE)
    url = f"http://127.0.0.1:{port}"
    with lab_target(folder / "lab") as target:
        words = ["serve", str(folder / "serve.yaml"), "--listen", f"127.0.0.1:{port}"]
        words += ["--target", str(target), "--state", str(folder), "--runs", str(folder / "runs")]
        argv = [str(Path(sys.executable).parent / "gameday"), *words]
        child = Child("gameday serve", argv, log=folder / "serve.log")
        address = temporal or f"127.0.0.1:{nobody}"
        with cores.on(where.measured):
            named = {"TEMPORAL_ADDRESS": address, "BENCH_SERVE_SECRET": SECRET}
            child.start({**os.environ, **named})
        cores.put_ahead(child.pid, where.nice)
        try:
            child.wait_ready(lambda: _waiting(url) == 0, within_s=_READY_S_MAX)
            yield Receiver(child, url, target)
        finally:
            child.stop()


def _waiting(url: str) -> int | None:
    """How many alerts wait; None while nobody answers."""
    try:
        return int(httpx.get(f"{url}/healthz", trust_env=False, timeout=5).json()["waiting"])
    except httpx.TransportError:
        return None
