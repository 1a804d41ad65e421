"""A provider for the client libraries to talk to: three dialects, one answer, real HTTP.

Written from the providers' own documentation and not from the gate's dialects, because what
the gate says is compared with what the clients make of this.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECES = tuple(f"word{n} " for n in range(20))
TEXT = "".join(PIECES)
TOKENS_IN, TOKENS_OUT = 11, len(PIECES)
COST_USD = 0.002  # as a router tells it, in whichever dialect
_GAP_S = 0.003  # unpaced, a reset would overtake the words before it
_MODEL = "heron-1"


def dialect_of(path: str) -> str:
    if path.startswith("/v1/messages"):
        return "anthropic"
    return "azure_openai" if path.startswith("/openai/") else "openai"


def whole(dialect: str) -> dict[str, Any]:
    if dialect == "anthropic":
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": _MODEL,
            "content": [{"type": "text", "text": TEXT}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT, "cost": COST_USD},
        }
    message = {"role": "assistant", "content": TEXT, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {**_envelope("chat.completion"), "choices": [choice], "usage": _usage()}


def events(dialect: str) -> Iterator[bytes]:
    yield from _anthropic_events() if dialect == "anthropic" else _openai_events(dialect)


def _anthropic_events() -> Iterator[bytes]:
    usage = {"input_tokens": TOKENS_IN, "output_tokens": 1}
    message = {**whole("anthropic"), "content": [], "stop_reason": None, "usage": usage}
    yield _named({"type": "message_start", "message": message})
    block = {"type": "text", "text": ""}
    yield _named({"type": "content_block_start", "index": 0, "content_block": block})
    yield _named({"type": "ping"})
    for piece in PIECES:
        delta = {"type": "text_delta", "text": piece}
        yield _named({"type": "content_block_delta", "index": 0, "delta": delta})
    yield _named({"type": "content_block_stop", "index": 0})
    stopped = {"stop_reason": "end_turn", "stop_sequence": None}
    counted = {"output_tokens": TOKENS_OUT, "cost": COST_USD}
    yield _named({"type": "message_delta", "delta": stopped, "usage": counted})
    yield _named({"type": "message_stop"})


def _openai_events(dialect: str) -> Iterator[bytes]:
    if dialect == "azure_openai":
        results = [{"prompt_index": 0, "content_filter_results": {}}]
        yield _unnamed({**_chunk([]), "prompt_filter_results": results})
    yield _unnamed(_delta({"role": "assistant", "content": ""}))
    for piece in PIECES:
        yield _unnamed(_delta({"content": piece}))
    yield _unnamed(_delta({}, "stop"))
    yield _unnamed({**_chunk([]), "usage": _usage()})
    yield b"data: [DONE]\n\n"


def _envelope(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_790_000_000, "model": _MODEL}


def _usage() -> dict[str, float]:
    total = TOKENS_IN + TOKENS_OUT
    return {
        "prompt_tokens": TOKENS_IN,
        "completion_tokens": TOKENS_OUT,
        "total_tokens": total,
        "cost": COST_USD,
    }


def _chunk(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {**_envelope("chat.completion.chunk"), "choices": choices}


def _delta(delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
    return _chunk([{"index": 0, "delta": delta, "finish_reason": finish_reason}])


def _named(document: dict[str, Any]) -> bytes:
    return f"event: {document['type']}\ndata: {json.dumps(document)}\n\n".encode()


def _unnamed(document: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(document)}\n\n".encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        dialect = dialect_of(self.path)
        with suppress(ConnectionError):  # the gate has gone away: some faults make it
            if asked.get("stream"):
                self._stream(dialect)
            else:
                self._answer(json.dumps(whole(dialect)).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, dialect: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events(dialect):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
            time.sleep(_GAP_S)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that the gate reset between two requests is no error of a test's."""


class StandInProvider:
    """The provider, listening on loopback until it is closed."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
