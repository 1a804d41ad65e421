"""Slack as its documentation describes it, on loopback: the real one cannot be reached from tests.

`POST /hook` is an incoming webhook, `POST /api/chat.postMessage` the method of the Web API, which
answers 200 to everything; `POST /actions/...` is a response_url.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "xoxb-0000-stand-in"


class SlackStandIn:
    """What was sent to it, and what it says."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.says: tuple[int, str] | None = None  # instead of what it would say
        self.url = ""

    def answer(self, path: str, token: str, message: dict[str, Any]) -> tuple[int, str]:
        if self.says is not None:
            return self.says
        if why := why_not_a_message(message):
            return (200, json.dumps({"ok": False, "error": why})) if "api" in path else (400, why)
        self.messages.append((path, message))
        if "/api/" not in path:
            return 200, "ok"
        if token != f"Bearer {TOKEN}":
            return 200, json.dumps({"ok": False, "error": "invalid_auth"})
        if message.get("channel") != "C0123ABCD":
            return 200, json.dumps({"ok": False, "error": "channel_not_found"})
        return 200, json.dumps({"ok": True, "ts": "1.2"})


def why_not_a_message(message: dict[str, Any]) -> str:
    """Which of the documented bounds of Block Kit the message is over."""
    blocks = message.get("blocks", [])
    if not message.get("text") or len(blocks) > 50:
        return "invalid_blocks"
    for block in blocks:
        match block:
            case {"type": "header", "text": {"type": "plain_text", "text": text}}:
                fits = len(text) <= 150
            case {"type": "section", "text": {"type": "mrkdwn", "text": text}}:
                fits = 1 <= len(text) <= 3000
            case {"type": "context", "elements": elements}:
                fits = 1 <= len(elements) <= 10
            case {"type": "actions", "elements": elements}:
                ids = [element["action_id"] for element in elements]
                fits = 1 <= len(elements) <= 25 and len(set(ids)) == len(ids)
                fits &= all(len(element["value"]) <= 2000 for element in elements)
                fits &= all(len(element["text"]["text"]) <= 75 for element in elements)
                fits &= all(
                    element.get("style") in {None, "primary", "danger"} for element in elements
                )
            case _:
                fits = False
        if not fits:
            return "invalid_blocks"
    return ""


@contextmanager
def slack() -> Iterator[SlackStandIn]:
    stand_in = SlackStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            token = self.headers.get("authorization", "")
            status, text = stand_in.answer(self.path, token, body)
            self.send_response(status)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
