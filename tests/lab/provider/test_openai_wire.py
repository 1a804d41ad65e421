"""The OpenAI dialect's stream, event by event."""

import json

from lab.engine import Answer
from lab.provider.openai_wire import OpenAIWire
from lab.provider.wire import Reply

REPLY = Reply("req_1", "m-1", "fp_1", 7, Answer(("It", " is"), tokens_in=5, finish_reason="stop"))


def read(event: bytes) -> dict[str, object]:
    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    return json.loads(event.removeprefix(b"data: "))


def test_a_stream_opens_with_a_role_and_no_content() -> None:
    (event,) = OpenAIWire().opening(REPLY)
    chunk = read(event)
    assert chunk["object"] == "chat.completion.chunk"
    assert chunk["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert chunk["system_fingerprint"] == "fp_1"


def test_a_piece_holds_its_text_and_no_reason() -> None:
    choice = read(OpenAIWire().piece(REPLY, " is"))["choices"][0]
    assert choice["delta"] == {"content": " is"}
    assert choice["finish_reason"] is None


def test_usage_comes_only_when_it_was_asked_for() -> None:
    finish, usage, done = OpenAIWire().closing(REPLY, usage=True)
    assert read(finish)["choices"][0]["finish_reason"] == "stop"
    assert read(usage)["choices"] == []
    assert read(usage)["usage"]["completion_tokens"] == 2
    assert done == b"data: [DONE]\n\n"
    assert len(list(OpenAIWire().closing(REPLY, usage=False))) == 2


def test_stream_options_say_whether_usage_is_wanted() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}], "stream": True}
    assert not OpenAIWire().read(body).usage_in_stream
    assert OpenAIWire().read({**body, "stream_options": {"include_usage": True}}).usage_in_stream
