"""The Anthropic dialect's stream, event by event."""

import json

from lab.engine import Answer
from lab.provider.anthropic_wire import AnthropicWire
from lab.provider.wire import Reply

REPLY = Reply("req_1", "m-1", "fp_1", 7, Answer(("It", " is"), tokens_in=5, finish_reason="length"))


def read(event: bytes) -> dict[str, object]:
    name, data, *rest = event.decode().split("\n")
    assert rest == ["", ""]
    document = json.loads(data.removeprefix("data: "))
    assert name == f"event: {document['type']}"
    return document


def test_a_stream_has_the_dialects_events_in_order() -> None:
    wire = AnthropicWire()
    events = [
        *wire.opening(REPLY),
        *(wire.piece(REPLY, text) for text in REPLY.answer.pieces),
        *wire.closing(REPLY, usage=False),
    ]
    read_events = [read(event) for event in events]
    assert [event["type"] for event in read_events] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert read_events[0]["message"]["usage"]["input_tokens"] == 5
    assert read_events[0]["message"]["model"] == "m-1"
    assert read_events[4]["delta"] == {"type": "text_delta", "text": " is"}
    assert read_events[6]["delta"]["stop_reason"] == "max_tokens"
    assert read_events[6]["usage"] == {"output_tokens": 2}


def test_an_error_carries_the_request_id_in_its_body() -> None:
    body = AnthropicWire().error(429, "slow down", "req_9")
    assert body["error"] == {"type": "rate_limit_error", "message": "slow down"}
    assert body["request_id"] == "req_9"
