"""Every fault of the gate, through a real gate: it shows on the wire, and then it is gone.

Cleared, or left to its lease: the next answer is the provider's own, byte for byte, what was
held goes on as if nothing had been, and the evidence says what happened. A newcomer among the
faults is tried unasked.
"""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gameday.catalog.gate_file import load_gate_config
from gameday.catalog.kinds import faults
from gameday.domain.wire import Answer, Finish
from gameday.faults._gate import GateFault
from gameday.faults._service import ServiceFault
from gameday.gate.dialects import find
from tests.conformance.gate import GateProcess
from tests.conformance.provider import dialect_of
from tests.gameday.faults.given import example_settings
from tests.gameday.faults.wired import DIALECTS, TEXT, asked, priced

KINDS = [
    kind
    for kind, fault in faults.kinds()
    # Those of tools and verifiers have tests of their own: test_service_restore.py.
    if issubclass(fault, GateFault) and not issubclass(fault, ServiceFault)
]
PATIENCE_S = 30.0  # a loaded machine is slow; nothing here waits so long on a quiet one

# What makes a fault show at once, where its examples do not.
SETTINGS: dict[str, dict[str, Any]] = {
    "quota_bucket": {"requests_per_min": 1, "burst": "60s"},
    "slow_first_token": {"latency_ms": 600_000},
    "slow_tokens": {"gap_ms": 600_000},
}
FOR_AZURE: dict[str, dict[str, Any]] = {"quota_exhausted": {"reason": "per_day"}}
HOLDING = {"slow_first_token", "slow_tokens", "stream_stall"}
# Other ways in which a fault holds a request or an answer.
HOLDS = [
    *((kind, {}) for kind in sorted(HOLDING)),
    ("slow_first_token", {"before": "headers"}),
    ("http_error", {"after": "10m"}),
    ("stream_stall", {"after_tokens": 0, "keep_alive": "100ms"}),
]
_numbers = itertools.count(1)


# --- a provider, and what a client sees of it ---------------------------------------------------


class Upstream:
    """A provider that gives the same answer to everybody, in whichever dialect it is asked.

    In a header it tells what it was asked, so that a request that was changed shows too.
    """

    def __init__(self) -> None:
        made = {name: find(name).completion(asked(name), TEXT, Finish.STOP) for name in DIALECTS}
        answers = {name: replace(answer, body=priced(answer.body)) for name, answer in made.items()}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answer: Answer = answers[dialect_of(self.path)]
                self.send_response(answer.status)
                self.send_header("x-asked", sha256(self.path.encode() + body).hexdigest())
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: Any) -> None:
                """A connection that the gate drops between two requests is no error here."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True)
class Got:
    """One answer as it came over the wire. `whole` is False where it broke off."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    whole: bool = False


def ask(url: str, dialect: str, request_id: str = "req-1", timeout_s: float = PATIENCE_S) -> Got:
    """Ask for a stream, over a connection of its own."""
    request, place = asked(dialect), urlsplit(url)
    assert place.hostname
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=timeout_s)
    headers = {"content-type": "application/json", "x-request-id": request_id}
    try:
        connection.request("POST", request.path, json.dumps(request.body), headers)
        response = connection.getresponse()
        told = tuple((n.lower(), v) for n, v in response.getheaders() if n.lower() != "date")
        try:
            return Got(response.status, told, response.read(), whole=True)
        except http.client.IncompleteRead as cut:
            return Got(response.status, told, cut.partial)
        except ConnectionError:
            return Got(response.status, told)
    except (ConnectionError, http.client.HTTPException):
        return Got()
    finally:
        connection.close()


# --- the gate, and its admin port ---------------------------------------------------------------


class Gate:
    """A gate process with a listener for each dialect and each kind of fault."""

    def __init__(self, folder: Path, upstream: str) -> None:
        names = {**{name: name for name in DIALECTS}, **dict.fromkeys(KINDS, "openai")}
        self._process = GateProcess(folder, upstream, names)
        self.urls = self._process.urls
        admin = load_gate_config(self._process.file).admin
        token = (folder / "gate.token").read_text()
        self._http = httpx.Client(
            base_url=f"http://{admin}",
            headers={"authorization": f"Bearer {token}"},
            timeout=PATIENCE_S,
            trust_env=False,
        )

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._http.close()
        self._process.stop()

    def put(
        self, rule_id: str, listener: str, kind: str, settings: dict[str, Any], lease_s: float
    ) -> httpx.Response:
        fault = {"kind": kind, "on": "provider/primary", "scope": "all", "settings": settings}
        rule = {"id": rule_id, "run_id": "RUN1", "listener": listener, "fault": fault}
        return self._http.put(f"/rules/{rule_id}", json={**rule, "lease_s": lease_s})

    def state(self, rule_id: str) -> dict[str, Any]:
        answer = self._http.get(f"/rules/{rule_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def clear(self, rule_id: str) -> dict[str, Any]:
        answer = self._http.delete(f"/rules/{rule_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wait_until_held(self, rule_id: str) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not self.state(rule_id)["evidence"]["held"]:
            assert time.monotonic() < give_up, "nothing was held"
            time.sleep(0.01)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    provider = Upstream()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Gate]:
    process = Gate(tmp_path_factory.mktemp("gate"), upstream.url)
    process.start()
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="module")
def clients() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(len(KINDS)) as pool:
        yield pool


def settings_of(kind: str, dialect: str = "openai") -> dict[str, Any]:
    """The examples of what is required, and what makes it show here."""
    settings = example_settings(kind) | SETTINGS.get(kind, {})
    return settings | FOR_AZURE.get(kind, {}) if dialect == "azure_openai" else settings


# --- cleared ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in HOLDING])
def test_what_is_cleared_is_gone_with_the_next_answer(gate: Gate, kind: str, dialect: str):
    url, rule_id = gate.urls[dialect], f"cleared-{next(_numbers)}"
    clean = ask(url, dialect)
    assert clean.whole
    assert clean.status == 200
    put = gate.put(rule_id, dialect, kind, settings_of(kind, dialect), lease_s=120)
    assert put.status_code == 200, put.text
    # The second, because a bucket lets the first one through.
    faulted = [ask(url, dialect, request_id=f"{rule_id}-{turn}") for turn in range(2)]
    assert faulted[-1] != clean
    state = gate.clear(rule_id)
    assert ask(url, dialect) == clean
    assert state["ended"] == "cleared"
    evidence = state["evidence"]
    hit = [f"{rule_id}-{turn}" for turn in range(2) if faulted[turn] != clean]
    assert evidence["request_ids"] == hit
    assert (evidence["matches"], evidence["hits"], evidence["held"]) == (2, len(hit), 0)
    assert evidence["first_at"] <= evidence["last_at"]
    # What came after it is not counted, and the gate still tells of it.
    assert gate.state(rule_id)["evidence"] == evidence


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("kind", "more"), HOLDS)
def test_what_is_held_goes_on_as_if_nothing_had_been(
    gate: Gate, clients: ThreadPoolExecutor, kind: str, more: dict[str, Any], dialect: str
):
    url, rule_id = gate.urls[dialect], f"held-{next(_numbers)}"
    clean = ask(url, dialect)
    put = gate.put(rule_id, dialect, kind, settings_of(kind) | more, lease_s=120)
    assert put.status_code == 200, put.text
    held = clients.submit(ask, url, dialect, "req-held")
    gate.wait_until_held(rule_id)
    assert not held.done()
    state = gate.clear(rule_id)
    assert_is_clean_but_for_comments(held, clean)
    assert ask(url, dialect) == clean
    assert state["ended"] == "cleared"
    evidence = state["evidence"]
    assert (evidence["hits"], evidence["request_ids"]) == (1, ["req-held"])
    assert gate.state(rule_id)["evidence"]["held"] == 0


def assert_is_clean_but_for_comments(held: "Future[Got]", clean: Got) -> None:
    """A stream that was edited is chunked, and has the comments that kept it alive."""
    got = held.result(PATIENCE_S)
    assert (got.status, got.whole) == (200, True)
    assert got.body.replace(b": keep-alive\n\n", b"") == clean.body
    framing = {"content-length", "transfer-encoding"}
    assert [h for h in got.headers if h[0] not in framing] == [
        h for h in clean.headers if h[0] not in framing
    ]


def test_what_a_provider_never_says_is_refused_and_changes_nothing(gate: Gate):
    url = gate.urls["azure_openai"]
    clean = ask(url, "azure_openai")
    refused = gate.put("unsaid-1", "azure_openai", "quota_exhausted", {}, lease_s=120)
    assert refused.status_code == 422
    assert "azure_openai never says credit" in refused.json()["error"]
    assert ask(url, "azure_openai") == clean


# --- left to its lease --------------------------------------------------------------------------


@dataclass(frozen=True)
class Leased:
    """One fault that nobody cleared."""

    clean: Got
    faulted: Got  # a held one ends when the lease does
    after: Got
    state: dict[str, Any]


@pytest.fixture(scope="module")
def leased(gate: Gate, clients: ThreadPoolExecutor) -> dict[str, "Future[Leased]"]:
    """Every kind at once, each at a listener of its own: most of the time is waiting."""
    return {kind: clients.submit(left_to_its_lease, gate, kind) for kind in KINDS}


def left_to_its_lease(gate: Gate, kind: str) -> Leased:
    url, clean = gate.urls[kind], ask(gate.urls[kind], "openai")
    for lease_s in (2.0, 8.0, 20.0):  # a slow machine may see no fault within the first
        rule_id = f"leased-{next(_numbers)}"
        put = gate.put(rule_id, kind, kind, settings_of(kind), lease_s)
        assert put.status_code == 200, put.text
        faulted = [ask(url, "openai", request_id=rule_id, timeout_s=120) for _ in range(2)]
        give_up = time.monotonic() + lease_s + PATIENCE_S
        after = ask(url, "openai")
        while after != clean and time.monotonic() < give_up:
            time.sleep(0.1)
            after = ask(url, "openai")
        state = gate.state(rule_id)  # only now: nobody had spoken to it since it was put
        if state["evidence"]["hits"]:
            break
    shown = faulted[0] if kind in HOLDING or faulted[0] != clean else faulted[1]
    return Leased(clean, shown, after, state)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_to_its_lease_is_gone_by_itself(
    leased: dict[str, "Future[Leased]"], kind: str
):
    found = leased[kind].result(4 * PATIENCE_S)
    assert found.after == found.clean
    assert found.state["ended"] == "lease"
    assert found.state["expires_in_s"] == 0
    evidence = found.state["evidence"]
    assert evidence["hits"] >= 1
    assert evidence["held"] == 0
    assert set(evidence["request_ids"]) <= {found.state["id"], "req-1"}
    if kind in HOLDING:
        assert found.faulted.whole
        assert found.faulted.body == found.clean.body
    else:
        assert found.faulted != found.clean
