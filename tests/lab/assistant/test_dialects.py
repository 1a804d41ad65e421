"""Both dialects as the assistant reads them: what the lab's providers send, and what is wrong."""

import json

import pytest

from lab.assistant.anthropic_dialect import AnthropicDialect
from lab.assistant.dialect import Ask, Dialect, MalformedError, Reading
from lab.assistant.openai_dialect import OpenAIDialect
from lab.engine import Answer
from lab.provider.anthropic_wire import AnthropicWire
from lab.provider.openai_wire import OpenAIWire
from lab.provider.wire import Reply, Wire

REPLY = Reply("req_1", "m-1", "fp_1", 7, Answer(("It", " is"), tokens_in=5, finish_reason="stop"))
PAIRS = [(OpenAIDialect(), OpenAIWire()), (AnthropicDialect(), AnthropicWire())]
IDS = ["openai", "anthropic"]


def stream(wire: Wire) -> list[str]:
    events = [
        *wire.opening(REPLY),
        *(wire.piece(REPLY, text) for text in REPLY.answer.pieces),
        *wire.closing(REPLY, usage=True),
    ]
    return b"".join(events).decode().splitlines()


@pytest.mark.parametrize(("dialect", "wire"), PAIRS, ids=IDS)
def test_a_whole_stream_is_read_as_one(dialect: Dialect, wire: Wire) -> None:
    reading = Reading()
    text = "".join(dialect.read(line, reading) for line in stream(wire))
    assert text == "It is"
    assert reading.whole
    assert (reading.model, reading.finish_reason) == ("m-1", "stop")
    assert (reading.tokens_in, reading.tokens_out) == (5, 2)


@pytest.mark.parametrize(("dialect", "wire"), PAIRS, ids=IDS)
def test_any_shorter_stream_is_not_whole(dialect: Dialect, wire: Wire) -> None:
    lines = [line for line in stream(wire) if line.startswith("data: ")]
    for length in range(len(lines)):
        reading = Reading()
        for line in lines[:length]:
            dialect.read(line, reading)
        assert not reading.whole


@pytest.mark.parametrize(("dialect", "wire"), PAIRS, ids=IDS)
def test_a_request_is_one_that_the_provider_reads(dialect: Dialect, wire: Wire) -> None:
    asked = wire.read(dialect.body(Ask("Be kind.", "Who?", "req_1"), "m-1"))
    assert asked.stream
    assert asked.usage_in_stream
    assert (asked.prompt.instructions, asked.prompt.question) == ("Be kind.", "Who?")
    assert dialect.path == wire.path


@pytest.mark.parametrize("dialect", [pair[0] for pair in PAIRS], ids=IDS)
@pytest.mark.parametrize("data", ["{", "[]", "3", '{"choices": 1}', '{"type": "message_start"}'])
def test_what_is_no_event_is_malformed(dialect: Dialect, data: str) -> None:
    with pytest.raises(MalformedError):
        dialect.read(f"data: {data}", Reading())


def test_an_error_event_of_the_anthropic_dialect_is_no_content() -> None:
    event = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(MalformedError, match="overloaded_error"):
        AnthropicDialect().read(f"data: {json.dumps(event)}", Reading())


def test_comments_and_empty_lines_say_nothing() -> None:
    assert OpenAIDialect().read(": keep-alive", Reading()) == ""
    assert AnthropicDialect().read("", Reading()) == ""


@pytest.mark.parametrize(
    ("dialect", "documents", "text"),
    [
        (
            OpenAIDialect(),
            [
                {"model": "m", "choices": [{"delta": {"refusal": "No."}, "finish_reason": None}]},
                {"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}]},
            ],
            "No.",
        ),
        (
            OpenAIDialect(),
            [{"model": "m", "choices": [{"delta": {}, "finish_reason": "content_filter"}]}],
            "",
        ),
        (
            AnthropicDialect(),
            [
                {
                    "type": "message_delta",
                    "delta": {"stop_reason": "refusal"},
                    "usage": {"output_tokens": 0},
                }
            ],
            "",
        ),
    ],
)
def test_a_refusal_is_read_as_one(dialect: Dialect, documents: list[object], text: str) -> None:
    reading = Reading()
    lines = [f"data: {json.dumps(document)}" for document in documents]
    assert "".join(dialect.read(line, reading) for line in lines) == text
    assert reading.finish_reason == "content_filter"
