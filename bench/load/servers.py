"""The servers that clients are measured against, and what each says that it has served."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench import cores, nginx
from bench.load.truth import Freeze, Served
from bench.wire import ANSWER_BODY
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK, answers, free_port

_READY_WITHIN_S = 30.0
_CONNECTIONS_MAX = 20_000  # a generator that is asked for too much opens many
_STATUS = "/status-of-nginx"
_STATIC = """\
  server {{
    listen {loopback}:{port} backlog=4096;
    location = {status} {{ stub_status; }}
    location / {{
      default_type application/json;
      return 200 '{body}';
    }}
  }}"""
# `server accepts handled requests`, and in the next line the three numbers.
_COUNTS = re.compile(r"requests\s+\d+ \d+ (\d+)")


class OwnServer:
    """bench/load/server.py, asked over one connection that stays open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = HTTPConnection(LOOPBACK, port, timeout=30)

    def close(self) -> None:
        self._connection.close()

    def requests(self) -> int:
        return int(self._ask("/counts")["requests"])

    def events(self) -> int:
        return int(self._ask("/counts")["events"])

    def log(self) -> tuple[list[Served], Freeze | None]:
        """What has been served since this was last asked, and the freeze when there was one."""
        said = self._ask("/log")
        served = [Served(*line) for line in said["served"]]
        return served, Freeze(*said["freeze"]) if said["freeze"] else None

    def _ask(self, path: str) -> Any:
        self._connection.request("GET", path)
        return json.loads(self._connection.getresponse().read())


class StaticServer:
    """nginx with one fixed answer: the only server here that can keep up with wrk."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = HTTPConnection(LOOPBACK, port, timeout=30)
        self._asked = 0

    def close(self) -> None:
        self._connection.close()

    def requests(self) -> int:
        """Without those that only asked for this number."""
        try:
            said = self._status()
        except ConnectionResetError:  # nginx, short of connections, lets go of idle ones
            said = self._status()  # on a new one
        self._asked += 1
        return requests_of(said) - self._asked

    def _status(self) -> str:
        self._connection.request("GET", _STATUS)
        return self._connection.getresponse().read().decode()


def requests_of(stub_status: str) -> int:
    """How many requests nginx has served, from its own page."""
    found = _COUNTS.search(stub_status)
    assert found is not None, f"this is no status page of nginx: {stub_status!r}"
    return int(found[1])


@dataclass(frozen=True)
class Streams:
    """What a stream of the own server is like."""

    events: int = 1
    gap_ms: float = 1.0


@contextmanager
def own(
    where: cores.Cores,
    folder: Path,
    *,
    streams: Streams | None = None,
    freeze: Freeze | None = None,
) -> Iterator[OwnServer]:
    """The own server. freeze: when it stands still; without one it never does."""
    streams, freeze = streams or Streams(), freeze or Freeze(0, 0)
    port = free_port()
    argv = [
        sys.executable, "-m", "bench.load.server", f"--port={port}",
        f"--events={streams.events}", f"--gap-ms={streams.gap_ms:g}",
        f"--freeze-after-s={freeze.begins_s}", f"--freeze-s={freeze.ends_s - freeze.begins_s}",
    ]  # fmt: skip
    child = Child("server", argv, log=folder / "server.log")
    with cores.on(where.rest):
        child.start()
    cores.put_ahead(child.pid, where.nice)
    with _ended(child, port), closing(OwnServer(port)) as server:
        yield server


@contextmanager
def static(where: cores.Cores, folder: Path) -> Iterator[StaticServer]:
    """nginx; ask `bench.nginx.version()` first whether it is there."""
    port = free_port()
    servers = _STATIC.format(
        loopback=LOOPBACK, port=port, status=_STATUS, body=ANSWER_BODY.decode()
    )
    folder.mkdir(parents=True, exist_ok=True)
    with cores.on(where.rest):
        child = nginx.start("nginx", folder, servers, connections=_CONNECTIONS_MAX)
    cores.put_ahead(child.pid, where.nice)
    with _ended(child, port), closing(StaticServer(port)) as server:
        yield server


@contextmanager
def _ended(child: Child, port: int) -> Iterator[None]:
    try:
        child.wait_ready(partial(answers, port), within_s=_READY_WITHIN_S)
        yield
    finally:
        child.stop()
