"""The quick half of `gameday abort`."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gameday.cli.entry import clear_here

FAULTS = {"7Q2K": ["7Q2K-0", "7Q2K-1"]}


@pytest.fixture
def injector(tmp_path, monkeypatch):
    """Something that answers like the injector, and remembers what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, document):
            assert self.headers["authorization"] == "Bearer secret"
            asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def do_GET(self):
            run_id = self.path.rpartition("=")[2]
            self._answer([{"id": fault_id} for fault_id in FAULTS.get(run_id, [])])

        def do_DELETE(self):
            self._answer({})

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = tmp_path / ".gameday" / "injector"
    folder.mkdir(parents=True)
    url = f"http://127.0.0.1:{server.server_port}"
    (folder / "injector.json").write_text(json.dumps({"url": url}))
    (folder / "token").write_text("secret\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GAMEDAY_INJECTOR_TOKEN", raising=False)
    monkeypatch.delenv("GAMEDAY_STATE", raising=False)
    yield asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "arguments",
    [
        ["7Q2K"],
        ["--as", "dana", "7Q2K"],
        ["7Q2K", "--as=dana"],
        ["--state", ".gameday", "7Q2K"],
        ["7Q2K", "--state=.gameday"],
    ],
)
def test_it_clears_the_faults_of_the_run_and_no_others(injector, arguments):
    assert clear_here(arguments) == 2
    assert injector == [
        "GET /faults?run_id=7Q2K",
        "DELETE /faults/7Q2K-0?by=stop",
        "DELETE /faults/7Q2K-1?by=stop",
    ]


def test_another_run_is_left_alone(injector):
    assert clear_here(["ABCD"]) == 0
    assert injector == ["GET /faults?run_id=ABCD"]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--as", "7Q2K"]])
def test_without_a_run_nothing_is_asked(injector, arguments):
    assert clear_here(arguments) == 0
    assert not injector


def test_no_injector_here_is_no_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert clear_here(["7Q2K"]) == 0


def test_nothing_heavy_is_imported_first():
    code = "import sys, gameday.cli.entry; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"pydantic", "typer", "temporalio", "httpx", "asyncio"}
    assert heavy.isdisjoint(done.stdout.split())
