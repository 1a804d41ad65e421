"""Asking the models that score: an endpoint that answers well, badly, late, and with rubbish."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gameday.domain.errors import FileError
from gameday.domain.scorer import ModelError
from gameday.domain.suite import Suite
from gameday.probes.scoring_models import EndpointModels

CASE = {"case": "a", "question": "Hi", "scorers": [{"kind": "judge", "criterion": "polite"}]}


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        if self.server.waits is not None:
            self.server.waits.wait(20)
        answer = self.server.answer
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def endpoint():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.asked, server.status, server.answer, server.waits = [], 200, b"{}", None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    if server.waits is not None:
        server.waits.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def models_at(endpoint):
    made = []

    def make(**more):
        url = f"http://127.0.0.1:{endpoint.server_port}/v1/"
        model = {"url": url, "model": "m-1", **more}
        raw = {"suite": "s", "judge": model, "embedding": model, "cases": [CASE]}
        made.append(EndpointModels(Suite.model_validate(raw)))
        return made[-1]

    yield make
    for models in made:
        models.close()


def test_the_judge_is_asked_as_the_suite_says(endpoint, monkeypatch, models_at):
    monkeypatch.setenv("JUDGE_KEY", "s3cret")
    endpoint.answer = b'{"choices": [{"message": {"content": "{\\"score\\": 1}"}}]}'
    models = models_at(key="env:JUDGE_KEY", temperature=0.5)
    assert models.judge("Well?") == '{"score": 1}'
    ((path, headers, body),) = endpoint.asked
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer s3cret"
    assert body == {
        "model": "m-1",
        "temperature": 0.5,
        "messages": [{"role": "user", "content": "Well?"}],
    }


def test_embeddings_come_in_the_order_of_their_texts(endpoint, models_at):
    rows = [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]
    endpoint.answer = json.dumps({"data": rows}).encode()
    assert models_at().embed(("a", "b")) == [[1.0, 0.0], [0.0, 1.0]]
    assert endpoint.asked[0][0] == "/v1/embeddings"
    with pytest.raises(ModelError, match="2 embeddings came for 1 texts"):
        models_at().embed(("a",))


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (429, b"{}", "status 429"),
        (200, b"<html>", "no JSON"),
        (200, b'{"choices": []}', "not in the dialect"),
        (200, b"[]", "not in the dialect"),
    ],
)
def test_what_goes_wrong_is_told(endpoint, status, answer, said, models_at):
    endpoint.status, endpoint.answer = status, answer
    with pytest.raises(ModelError, match=said):
        models_at().judge("Well?")
    with pytest.raises(ModelError):
        models_at().embed(("a",))


def test_a_judge_that_is_late_is_not_waited_for(endpoint, models_at):
    endpoint.waits = threading.Event()
    with pytest.raises(ModelError, match="ReadTimeout"):
        models_at(timeout="200ms").judge("Well?")


def test_a_judge_that_is_not_there(endpoint, models_at):
    endpoint.shutdown()
    endpoint.server_close()
    with pytest.raises(ModelError, match="ConnectError"):
        models_at().judge("Well?")


def test_a_key_that_is_not_there_is_told_before_anything_is_sent(endpoint, monkeypatch, models_at):
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    with pytest.raises(FileError, match="the secret env:JUDGE_KEY is not there"):
        models_at(key="env:JUDGE_KEY")
