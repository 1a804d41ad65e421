"""What the tests of the injector and of the faults stand on: real programs on loopback."""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.errors import InjectorUnreachableError
from gameday.domain.lease import FaultRecord, Injection
from gameday.domain.ports import PathState, Toxic
from gameday.domain.statement import Says, Statement, Word
from gameday.injector.client import InjectorClient
from gameday.injector.state import StateFolder, end_injector, read_token
from gameday.injector.toxiproxy import Toxiproxy, ToxiproxyPath
from gameday.supervisor.child import Child
from gameday.supervisor.ports import LOOPBACK, free_port
from gameday.supervisor.programs import toxiproxy_server

PATIENCE_S = 20.0  # generous: several suites may share the machine

POLICY = """\
policy: tests
allow:
  - target: lab
    environment: local
    on: provider/*
    kinds: ["*"]
    scopes: [all]
    lease_max: 60s
    deadline_max: 300s
  - target: guarded
    environment: local
    on: provider/*
    kinds: [latency]
    scopes: [all]
    approvals: 2
"""


def until(true: Callable[[], Any], what: str, within_s: float = PATIENCE_S) -> Any:
    """Wait for a condition; the test fails, saying what it waited for, when it never comes."""
    give_up = time.monotonic() + within_s
    while not (value := true()):
        assert time.monotonic() < give_up, f"not within {within_s} s: {what}"
        time.sleep(0.02)
    return value


async def soon(true: Callable[[], Awaitable[Any]], what: str, within_s: float = PATIENCE_S) -> Any:
    """`until`, for a condition that must be awaited."""
    give_up = time.monotonic() + within_s
    while not (value := await true()):
        assert time.monotonic() < give_up, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.02)
    return value


class ToxiproxyServer:
    """A real Toxiproxy server; it can be killed and started again on the same port."""

    def __init__(self, log: Path, *, metrics: bool = True) -> None:
        self.port = free_port()
        argv = [toxiproxy_server(), "-host", LOOPBACK, "-port", str(self.port)]
        self.child = Child("toxiproxy", argv + ["-proxy-metrics"] * metrics, log=log)
        self.url = f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self.child.start()
        self.child.wait_ready(self._answers, within_s=PATIENCE_S)

    def _answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/version", timeout=2).ok
        return False

    def create(self, name: str, upstream: str, listen: str = f"{LOOPBACK}:0") -> None:
        wanted = {"name": name, "listen": listen, "upstream": upstream, "enabled": True}
        requests.post(f"{self.url}/proxies", json=wanted, timeout=5).raise_for_status()

    def delete(self, name: str) -> None:
        requests.delete(f"{self.url}/proxies/{name}", timeout=5)

    def read(self, name: str) -> PathState:
        """By a client of our own: the adapter must not be its own witness."""
        proxy = requests.get(f"{self.url}/proxies/{name}", timeout=5).json()
        toxics = tuple(Toxic.model_validate(toxic) for toxic in proxy["toxics"])
        known = ("name", "listen", "upstream", "enabled")
        return PathState(**{key: proxy[key] for key in known}, toxics=toxics)

    def is_clean(self, name: str) -> bool:
        state = self.read(name)
        return state.enabled and not state.toxics

    def add(self, name: str, toxic: Toxic) -> None:
        wanted = toxic.model_dump()
        wanted["attributes"] = {key: int(value) for key, value in toxic.attributes.items()}
        where = f"{self.url}/proxies/{name}/toxics"
        requests.post(where, json=wanted, timeout=5).raise_for_status()

    def remove(self, name: str, toxic: str) -> None:
        where = f"{self.url}/proxies/{name}/toxics/{toxic}"
        requests.delete(where, timeout=5).raise_for_status()

    def set_enabled(self, name: str, enabled: bool) -> None:
        where = f"{self.url}/proxies/{name}"
        requests.post(where, json={"enabled": enabled}, timeout=5).raise_for_status()


class Upstream:
    """A tiny server that answers every message with `answer`."""

    def __init__(self, answer: bytes = b"pong") -> None:
        self.answer = answer
        self.received = 0
        self._listener = socket.create_server((LOOPBACK, 0))
        self.address = f"{LOOPBACK}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            while data := connection.recv(65536):
                self.received += len(data)
                connection.sendall(self.answer)

    def close(self) -> None:
        self._listener.close()


class Proxied:
    """One proxy with its upstream: what a test does with it, and what it sees of it."""

    def __init__(self, server: ToxiproxyServer, name: str, upstream: Upstream) -> None:
        self.server = server
        self.name = name
        self.upstream = upstream
        self.path: ToxiproxyPath = Toxiproxy(server.url).path(name)

    def read(self) -> PathState:
        return self.server.read(self.name)

    def is_clean(self) -> bool:
        return self.server.is_clean(self.name)

    @contextmanager
    def connected(self, timeout_s: float = 5.0) -> Iterator[socket.socket]:
        host, _, port = self.read().listen.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=timeout_s) as connection:
            yield connection

    def ask(self, timeout_s: float = 5.0) -> bytes:
        """One request, as a client would send it."""
        with self.connected(timeout_s) as connection:
            connection.sendall(b"ping")
            return connection.recv(65536)


class InjectorProcess:
    """A real injector: watchdog and control process.

    gates, kept: gate files, and those whose gates the watchdog keeps alive; targets: target files.
    """

    def __init__(
        self,
        folder: Path,
        toxiproxy_url: str = "",
        policy: str = POLICY,
        *,
        gates: Sequence[Path] = (),
        kept: Sequence[Path] = (),
        targets: Sequence[Path] = (),
    ) -> None:
        self.state = folder / "state"
        self.policy = folder / "policy.yaml"
        self.policy.write_text(policy)
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.toxiproxy_url = toxiproxy_url
        self.gates = [word for file in gates for word in ("--gate", str(file))]
        self.gates += [word for file in kept for word in ("--keep-gate", str(file))]
        self.gates += [word for file in targets for word in ("--target", str(file))]
        self.log = folder / "injector.log"
        self.child = self._child()

    def _child(self, *more: str) -> Child:
        argv = [sys.executable, "-m", "gameday.injector", "--state", str(self.state)]
        argv += ["--port", str(self.port), "--policy", str(self.policy), *self.gates]
        argv += ["--toxiproxy", self.toxiproxy_url] if self.toxiproxy_url else []
        return Child("injector", [*argv, *more], log=self.log)

    def start(self, *more: str) -> None:
        self.child.exit_code()  # reaps one that was killed before
        self.child = self._child(*more)
        self.child.start()
        self.child.wait_ready(self.answers, within_s=PATIENCE_S)
        until(lambda: self.pid("watchdog") and self.pid("control"), "both processes are named")

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/health", timeout=5).ok
        return False

    def pid(self, role: str) -> int | None:
        with suppress(OSError, ValueError):
            return json.loads((self.state / "injector.json").read_text())[f"{role}_pid"]
        return None

    @property
    def client(self) -> InjectorClient:
        return InjectorClient(self.url, read_token(self.state), timeout_s=PATIENCE_S)

    def end(self) -> None:
        assert end_injector(self.state), self.log.read_text()
        self.child.stop()

    def is_gone(self) -> bool:
        folder = StateFolder(self.state)
        return not folder.is_held("watchdog") and not folder.is_held("control")


def a_yes(digest: str, by: str, run_id: str = "RUN1", **more: Any) -> Word:
    """What somebody says who approves the plan of a run, known by name only unless told."""
    said = Statement(says=Says.APPROVE, digest=digest, run_id=run_id)
    return Word(statement=said, by=by, **({"at": datetime.now(UTC)} | more))


def injection(kind: str = "connection_refused", **changes: Any) -> Injection:
    """What a workflow would ask for, on the proxy called `primary` unless told otherwise."""
    settings = {"latency": {"latency_ms": 50}, "bandwidth": {"rate_kb_per_s": 1}}.get(kind, {})
    wanted: dict[str, Any] = {
        "run_id": "RUN1",
        "drill": "provider-outage",
        "target": "lab",
        "environment": "local",
        "fault": FaultSpec(
            kind=kind,
            on="provider/primary",
            scope=Scope.ALL,
            settings=changes.pop("settings", settings),
        ),
        "address": {"toxiproxy": changes.pop("proxy", "primary")},
        "lease_s": 15.0,
        "deadline_s": 120.0,
        "plan_digest": "digest",
        "requested_by": "tester",
    }
    return Injection(**(wanted | changes))


async def cleared(client: InjectorClient, fault_id: str) -> FaultRecord:
    """The fault's record, once it is cleared; patient with an injector that is coming back."""

    async def look() -> FaultRecord | None:
        with suppress(InjectorUnreachableError):
            record = await client.get(fault_id)
            return record if record.cleared_at else None
        return None

    return await soon(look, f"{fault_id} is cleared")


@pytest.fixture(scope="session")
def toxiproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToxiproxyServer]:
    server = ToxiproxyServer(tmp_path_factory.mktemp("toxiproxy") / "log")
    server.start()
    yield server
    server.child.stop()


@pytest.fixture
def primary(toxiproxy: ToxiproxyServer) -> Iterator[Proxied]:
    upstream = Upstream()
    toxiproxy.create("primary", upstream.address)
    yield Proxied(toxiproxy, "primary", upstream)
    toxiproxy.delete("primary")
    upstream.close()


@pytest.fixture
def injector(tmp_path: Path, toxiproxy: ToxiproxyServer) -> Iterator[InjectorProcess]:
    process = InjectorProcess(tmp_path, toxiproxy.url)
    process.start()
    yield process
    process.end()
