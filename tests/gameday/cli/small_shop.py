"""A small system that answers a suite of four cases with one of some texts, or not at all."""

import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

CASES = ("one", "two", "three", "four")
SUITE = "suite: shop\ncases:\n" + "".join(
    f'  - {{case: {case}, question: "{case}?", scorers: [{{kind: contains, any: ["days"]}}]}}\n'
    for case in CASES
)
TARGET = """
target: shop
environments: {staging: {injector: "http://127.0.0.1:1", front_door: "URL"}}
providers:
  primary: {dialect: openai}
suite: suite.yaml
prices: {m-1: {input_usd_per_mtok: 1, output_usd_per_mtok: 10}}
"""


class Door(BaseHTTPRequestHandler):
    """Answers with one of some texts, or not at all."""

    texts: tuple[str, ...] = ()
    draw = random.Random(1)

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        text = self.draw.choice(self.texts) if self.texts else ""
        answer = {
            "model": "m-1",
            "system_fingerprint": "fp-1",
            "usage": {"prompt_tokens": 10, "completion_tokens": 4},
            "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        }
        body = json.dumps(answer).encode()
        self.send_response(200 if text else 503)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def door(tmp_path, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite.yaml").write_text(SUITE)
    url = f"http://127.0.0.1:{server.server_port}/v1"
    (tmp_path / "gameday.yaml").write_text(TARGET.replace("URL", url))
    Door.texts = ("It takes 14 days.", "About 14 days it takes.")
    yield tmp_path
    server.shutdown()
    server.server_close()
