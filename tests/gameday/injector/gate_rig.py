"""A real gate before a tiny provider, and a client that asks without a pause."""

import http.client
import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from gameday.domain.drill import FaultSpec, Scope
from gameday.domain.gate import GateState, Rule
from gameday.domain.lease import Injection
from gameday.supervisor.child import Child
from gameday.supervisor.locks import holder
from gameday.supervisor.ports import LOOPBACK, free_ports
from tests.gameday.injector.rig import PATIENCE_S, injection, until

TOKEN = "gate-token"
FAULT_STATUS = 503  # of `http_error` as these tests ask for it
_ANSWER = json.dumps(
    {"id": "1", "object": "chat.completion", "model": "m", "choices": [], "usage": {}}
).encode()


class Provider:
    """A provider that answers every request with the same 200."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else every answer waits 40 ms for its second half

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(_ANSWER)))
                self.end_headers()
                self.wfile.write(_ANSWER)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class GateProcess:
    """A real gate with the listeners `primary` and `secondary`; it may be killed and come back."""

    def __init__(self, folder: Path, upstream: str, *, name: str = "lab") -> None:
        self.name = name
        self.file = folder / f"{name}.yaml"
        admin, primary, secondary = free_ports(3)
        self.admin_url = f"http://{LOOPBACK}:{admin}"
        self.port = primary
        (folder / "gate.token").write_text(TOKEN)
        listener = f"upstream: {upstream}, dialect: openai"
        self.file.write_text(
            f"gate: {name}\nadmin: {LOOPBACK}:{admin}\ntoken: file:gate.token\nlisteners:\n"
            f"  primary: {{listen: '{LOOPBACK}:{primary}', {listener}}}\n"
            f"  secondary: {{listen: '{LOOPBACK}:{secondary}', {listener}}}\n"
        )
        argv = [sys.executable, "-m", "gameday.gate", "--config", str(self.file)]
        self.child = Child(name, argv, log=folder / f"{name}.log")
        self._started = False

    def start(self) -> None:
        if self._started:
            until(lambda: self.child.exit_code() is not None, "the one before has ended")
        self._started = True
        self.child.start()
        self.child.wait_ready(self.answers, within_s=PATIENCE_S)

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.admin_url}/health", timeout=5).ok
        return False

    @property
    def pid(self) -> int | None:
        """Of the process that has its lock, whoever started it."""
        return holder(self.file.with_name(f"{self.file.name}.lock"))

    def kill(self) -> float:
        """With -9; returns when, by the monotonic clock."""
        pid = self.pid
        assert pid is not None
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        return began

    def end(self) -> None:
        self.child.stop()
        if (pid := self.pid) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: self.pid is None, f"the gate {self.name} has ended")

    # --- by a client of our own: the driver must not be its own witness ---------------------

    def state(self) -> GateState:
        return GateState.model_validate(self._admin("GET", "/state").json())

    def rules(self) -> list[str]:
        return [rule.id for rule in self.state().rules if not rule.ended]

    def put(self, rule: Rule) -> None:
        self._admin("PUT", f"/rules/{rule.id}", rule.model_dump(mode="json")).raise_for_status()

    def remove(self, rule_id: str) -> None:
        self._admin("DELETE", f"/rules/{rule_id}").raise_for_status()

    def _admin(self, method: str, where: str, body: Any = None) -> requests.Response:
        headers = {"authorization": f"Bearer {TOKEN}"}
        url = f"{self.admin_url}{where}"
        return requests.request(method, url, json=body, headers=headers, timeout=5)

    def ask(self, **headers: str) -> int:
        """The status of one request, as a client would send it."""
        return self.ask_often(1, **headers)[0]

    def ask_often(self, times: int, **headers: str) -> list[int]:
        """The statuses of so many, one after the other on one connection."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE_S)
        try:
            return [_status(connection, headers) for _ in range(times)]
        finally:
            connection.close()


@dataclass
class Traffic:
    """One client on one connection, asking without a pause from `start` to `stop`."""

    gate: GateProcess
    statuses: list[tuple[float, int]] = field(default_factory=list)  # when it began to ask
    failures: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads.append(threading.Thread(target=self._run, daemon=True))
        self._threads[-1].start()

    def stop(self) -> None:
        """Repeatable."""
        self._ended.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _run(self) -> None:
        connection = http.client.HTTPConnection(LOOPBACK, self.gate.port, timeout=PATIENCE_S)
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                self.statuses.append((began, _status(connection, {})))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                connection.close()
            time.sleep(0.002)
        connection.close()

    def last(self, status: int) -> float:
        """When the last request that was answered so began; -inf when none was."""
        return max((began for began, seen in self.statuses if seen == status), default=-1e9)


def _status(connection: http.client.HTTPConnection, headers: dict[str, str]) -> int:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hello"}]})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    wanted = {"content-type": "application/json", **named}
    connection.request("POST", "/v1/chat/completions", body, wanted)
    response = connection.getresponse()
    response.read()
    return response.status


def gate_injection(**changes: Any) -> Injection:
    """What a workflow would ask for: the gate's listener `primary` answers 503."""
    spec = FaultSpec(
        kind="http_error",
        on="provider/primary",
        scope=changes.pop("scope", Scope.ALL),
        settings={"status": FAULT_STATUS, **changes.pop("settings", {})},
    )
    listener = changes.pop("listener", "primary")
    return injection(**({"fault": spec, "address": {"gate": listener}} | changes))
