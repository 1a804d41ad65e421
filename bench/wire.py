"""The bytes that clients and servers of these benchmarks say to each other."""

import json
import re
from typing import Any

PATH = "/v1/chat/completions"
HEADERS = {
    "authorization": "Bearer bench-key",
    "content-type": "application/json",
    "accept": "*/*",
    "user-agent": "bench",
}
EVENTS_HEADER = b"x-bench-events"  # `count,gap_ms`: answer with a stream
SENT_NS = re.compile(rb'"sent_ns":(\d+)')  # CLOCK_MONOTONIC is one clock for all processes
STREAM_END = b"0\r\n\r\n"

QUESTION = "Which of my orders have left the warehouse, and when will the parcel be here?"
# The last field marks a body's end, whatever framing a proxy chose.
BODY_END = b'"user":"bench"}'
_ANSWER_TEXT = "The order left the warehouse this morning and will be with you tomorrow. " * 4

ANSWER_BODY = json.dumps(
    {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "bench-1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": _ANSWER_TEXT},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 21, "completion_tokens": 64, "total_tokens": 85},
    }
).encode()

ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req-bench\r\n"
    b"content-length: %d\r\n\r\n" % len(ANSWER_BODY)
) + ANSWER_BODY

STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"x-request-id: req-bench\r\ntransfer-encoding: chunked\r\n\r\n"
)


def question_body(*, stream: bool = False) -> bytes:
    """What is asked, as every client asks it."""
    body = json.dumps(
        {
            "model": "bench-1",
            "messages": [{"role": "user", "content": QUESTION}],
            "stream": stream,
            "user": "bench",
        },
        separators=(",", ":"),
    ).encode()
    assert body.endswith(BODY_END)
    return body


def request(*headers: str, stream: bool = False) -> bytes:
    """One whole request, ready to be sent as often as wanted."""
    body = question_body(stream=stream)
    lines = [
        f"POST {PATH} HTTP/1.1",
        "host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in HEADERS.items()),
        *headers,
        f"content-length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def stream_request(events: int, gap_ms: int) -> bytes:
    return request(f"{EVENTS_HEADER.decode()}: {events},{gap_ms}", stream=True)


def content_event() -> bytes:
    """One server-sent event that brings content, as one HTTP chunk."""
    return _chunk(_event({"choices": [_choice({"content": " parcel"}, None)]}))


def stream_tail() -> bytes:
    """What ends a stream in this dialect: finish reason, usage and the end mark."""
    usage = {"prompt_tokens": 21, "completion_tokens": 64, "total_tokens": 85}
    events = (
        _event({"choices": [_choice({}, "stop")]}),
        _event({"choices": [], "usage": usage}),
        b"data: [DONE]\n\n",
    )
    return b"".join(_chunk(event) for event in events)


def event_chunk(sent_ns: int) -> bytes:
    """One server-sent event with the time at which it left, as one HTTP chunk."""
    return _chunk(
        b'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","sent_ns":%d,'
        b'"choices":[{"index":0,"delta":{"content":" parcel"},"finish_reason":null}]}\n\n' % sent_ns
    )


def _choice(delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _event(fields: dict[str, Any]) -> bytes:
    common = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_700_000_000}
    document = common | {"model": "bench-1", **fields}
    return b"data: %b\n\n" % json.dumps(document, separators=(",", ":")).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
