"""Each change of a tool and of a verifier, through a real gate: it shows, and then it is gone.

Cleared, or left to its lease: the next answer is the service's own, byte for byte, and what was
held goes on as if nothing had been.
"""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from gameday.catalog.gate_file import load_gate_config
from tests.conformance.gate import GateProcess
from tests.gameday.domain.test_tool_contract import DOCUMENT

PATIENCE_S = 30.0  # a loaded machine is slow; nothing here waits so long on a quiet one
ORDER = {"number": "TW-1", "status": "on its way"}
SCHEMA = {"type": "object", "properties": {"status": {"type": "string"}}}
TOOL = {"name": "get_order", "description": "Looks up.", "outputSchema": SCHEMA}
_numbers = itertools.count(1)


class Service:
    """A tool with an OpenAPI document, the same as an MCP server, and a verifier that says no."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._say(DOCUMENT if self.path == "/openapi.json" else ORDER)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path == "/check":
                    self._say({"allowed": False})
                    return
                call = body["method"] == "tools/call"
                text = {"type": "text", "text": json.dumps(ORDER)}
                result: dict[str, Any] = {"tools": [TOOL]}
                if call:
                    result = {"content": [text], "structuredContent": ORDER}
                self._say({"jsonrpc": "2.0", "id": body["id"], "result": result}, stream=call)

            def _say(self, document: Any, *, stream: bool = False) -> None:
                body = json.dumps(document).encode()
                if stream:
                    body = b"event: message\ndata: " + body + b"\n\n"
                self.send_response(200)
                kind = "text/event-stream" if stream else "application/json"
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Asked(NamedTuple):
    """One request to the service."""

    path: str
    rpc: str = ""

    def ask(self, url: str, request_id: str = "req-1") -> tuple[int, str, bytes]:
        told = {"x-request-id": request_id}
        params = {"name": "get_order", "arguments": {}}
        body = {"jsonrpc": "2.0", "id": 1, "method": self.rpc, "params": params}
        method = "GET" if self.path in ("/orders/TW-1", "/openapi.json") else "POST"
        answer = httpx.request(
            method,
            url + self.path,
            json=None if method == "GET" else body,
            headers=told,
            timeout=PATIENCE_S,
            trust_env=False,
        )
        return answer.status_code, answer.headers["content-type"], answer.content


HTTP, PAPER = Asked("/orders/TW-1"), Asked("/openapi.json")
CALL, LIST = Asked("/mcp", "tools/call"), Asked("/mcp", "tools/list")
CHECK = Asked("/check")
RENAMED = {"how": "renamed", "field": "status", "to": "state"}
NARROWED = {"how": "narrowed", "field": "status", "values": ["packed"]}
DESCRIBED = {"how": "redescribed", "field": "status", "to": "Anything."}
RETOLD = {"how": "redescribed", "to": "Deletes orders."}
ERROR = {"how": "error", "status": 410}
CHANGES: list[tuple[str, dict[str, Any], Asked]] = [
    *(
        ("tool_contract_change", settings, asked)
        for settings in (RENAMED, NARROWED)
        for asked in (HTTP, PAPER, CALL, LIST)
    ),
    *(("tool_contract_change", DESCRIBED, asked) for asked in (PAPER, LIST)),
    *(("tool_contract_change", RETOLD, asked) for asked in (PAPER, LIST)),
    *(("tool_contract_change", ERROR, asked) for asked in (HTTP, CALL)),
    ("verifier_fault", {"how": "down"}, CHECK),
    ("verifier_fault", {"how": "always_yes", "verdict": "allowed"}, CHECK),
]
HELD: list[tuple[str, dict[str, Any], Asked]] = [
    *(
        ("tool_contract_change", {"how": "timeout", "latency_ms": 600_000}, asked)
        for asked in (HTTP, CALL)
    ),
    ("verifier_fault", {"how": "slow", "latency_ms": 600_000}, CHECK),
]


class Gate:
    """A gate before the service, and before it once more as if it were a provider."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self._process = GateProcess(folder, upstream, {"service": "none", "provider": "openai"})
        self.url = self._process.urls["service"]
        self._http = httpx.Client(
            base_url=f"http://{load_gate_config(self._process.file).admin}",
            headers={"authorization": f"Bearer {(folder / 'gate.token').read_text()}"},
            timeout=PATIENCE_S,
            trust_env=False,
        )

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._http.close()
        self._process.stop()

    def put(
        self, kind: str, settings: dict[str, Any], lease_s: float = 120, at: str = "service"
    ) -> tuple[str, httpx.Response]:
        rule_id = f"r{next(_numbers)}"
        fault = {"kind": kind, "on": "tool/orders", "scope": "all", "settings": settings}
        rule = {"id": rule_id, "run_id": "RUN1", "listener": at, "fault": fault}
        return rule_id, self._http.put(f"/rules/{rule_id}", json={**rule, "lease_s": lease_s})

    def armed(self, kind: str, settings: dict[str, Any], lease_s: float = 120) -> str:
        rule_id, answer = self.put(kind, settings, lease_s)
        assert answer.status_code == 200, answer.text
        return rule_id

    def state(self, rule_id: str) -> Any:
        return self._http.get(f"/rules/{rule_id}").json()

    def clear(self, rule_id: str) -> Any:
        return self._http.delete(f"/rules/{rule_id}").json()


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    service = Service()
    process = Gate(tmp_path_factory.mktemp("gate"), service.url)
    process.start()
    try:
        yield process
    finally:
        process.stop()
        service.close()


def name(change: tuple[str, dict[str, Any], Asked]) -> str:
    _, settings, asked = change
    return "-".join([settings["how"], settings.get("field", "whole"), asked.path[1:], asked.rpc])


@pytest.mark.parametrize("change", CHANGES, ids=[name(one) for one in CHANGES])
def test_what_is_cleared_is_gone_with_the_next_answer(
    gate: Gate, change: tuple[str, dict[str, Any], Asked]
):
    kind, settings, asked = change
    clean = asked.ask(gate.url)
    rule_id = gate.armed(kind, settings)
    faulted = asked.ask(gate.url, rule_id)
    assert faulted != clean
    state = gate.clear(rule_id)
    assert asked.ask(gate.url) == clean
    assert state["ended"] == "cleared"
    evidence = state["evidence"]
    assert (evidence["hits"], evidence["request_ids"]) == (1, [rule_id])


@pytest.mark.parametrize("change", HELD, ids=[name(one) for one in HELD])
def test_what_is_held_goes_on_as_if_nothing_had_been(
    gate: Gate, change: tuple[str, dict[str, Any], Asked]
):
    kind, settings, asked = change
    clean = asked.ask(gate.url)
    rule_id = gate.armed(kind, settings)
    with ThreadPoolExecutor(1) as client:
        held = client.submit(asked.ask, gate.url, "req-held")
        give_up = time.monotonic() + PATIENCE_S
        while not gate.state(rule_id)["evidence"]["held"]:
            assert time.monotonic() < give_up, "nothing was held"
            time.sleep(0.01)
        assert not held.done()
        state = gate.clear(rule_id)
        assert held.result(PATIENCE_S) == clean
    assert state["evidence"]["request_ids"] == ["req-held"]
    assert asked.ask(gate.url) == clean


@pytest.mark.parametrize(
    "change", [CHANGES[0], CHANGES[-1]], ids=[name(CHANGES[0]), name(CHANGES[-1])]
)
def test_what_is_left_to_its_lease_is_gone_by_itself(
    gate: Gate, change: tuple[str, dict[str, Any], Asked]
):
    kind, settings, asked = change
    clean = asked.ask(gate.url)
    for lease_s in (1.0, 5.0, 20.0):  # a slow machine may see no fault within the first
        rule_id = gate.armed(kind, settings, lease_s)
        faulted = asked.ask(gate.url)
        give_up = time.monotonic() + lease_s + PATIENCE_S
        while asked.ask(gate.url) != clean and time.monotonic() < give_up:
            time.sleep(0.05)
        if faulted != clean:
            break
    assert faulted != clean
    assert asked.ask(gate.url) == clean
    assert gate.state(rule_id)["ended"] == "lease"


def test_a_list_of_tools_is_answered_while_calls_fail(gate: Gate):
    clean = LIST.ask(gate.url)
    rule_id = gate.armed("tool_contract_change", ERROR)
    assert LIST.ask(gate.url) == clean
    assert gate.clear(rule_id)["evidence"]["hits"] == 0


@pytest.mark.parametrize(
    ("kind", "settings", "at", "said"),
    [
        ("tool_contract_change", RENAMED, "provider", "its listener speaks openai"),
        ("verifier_fault", {"how": "down"}, "provider", "its listener speaks openai"),
        ("http_error", {}, "service", "its listener says `dialect: none`"),
        ("stream_cut", {}, "service", "its listener says `dialect: none`"),
    ],
)
def test_what_does_not_fail_so_is_refused(
    gate: Gate, kind: str, settings: dict[str, Any], at: str, said: str
):
    _, answer = gate.put(kind, settings, at=at)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
