"""A gateway of a few lines between a front door's client and the gate, and a provider behind it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx

ANSWER = {
    "id": "1", "object": "chat.completion", "model": "m-1", "created": 1,
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "After 30 days."},
                 "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip


class _Server:
    """Answers each POST with what `answer` makes of it."""

    def __init__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers, content = outer.answer(self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Provider(_Server):
    """Answers everything with one good answer, and remembers the headers that came."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def answer(self, path, headers, body):
        self.asked.append({name.lower(): value for name, value in headers.items()})
        return 200, {"content-type": "application/json"}, json.dumps(ANSWER).encode()


class SmallGateway(_Server):
    """Passes the body on, and of the headers those in `passes` alone."""

    def __init__(self, upstream, *, passes=(), adds=None, key=None):
        """key: what the provider is asked with in the place of the caller's own."""
        super().__init__()
        self.upstream = upstream
        self.passes = {"content-type", "authorization", *passes}
        self.adds = adds or {}
        self.key = key

    def answer(self, path, headers, body):
        given = {name.lower(): value for name, value in headers.items()}
        passed = {name: value for name, value in given.items() if name in self.passes} | self.adds
        if self.key is not None:
            passed["authorization"] = f"Bearer {self.key}"
        url = self.upstream.rstrip("/") + urlsplit(path).path
        with httpx.Client(trust_env=False, timeout=30) as http:
            response = http.post(url, content=body, headers=passed)
        kind = response.headers.get("content-type", "application/json")
        said = {"content-type": kind, "x-served-by": "primary"}
        return response.status_code, said, response.content
