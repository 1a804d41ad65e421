"""What every dialect must get right, and short ways to ask it."""

import json
from typing import Any

from gameday.domain.wire import (
    Allowance,
    Answer,
    Condition,
    Dialect,
    Finish,
    RetryAfter,
    RetryStyle,
    WireRequest,
)

ALLOWANCE = Allowance(500, 0, 30_000, 1_000, resets_in_s=6.2)
TEXT = "Refunds take up to thirty days,  and go\nback to the card – always. "


def asked(path: str = "/v1/chat/completions", **body: Any) -> WireRequest:
    whole = {"model": "heron-1", "messages": [{"role": "user", "content": "How long?"}], **body}
    return WireRequest("POST", path, {}, whole, "req-1")


def error(dialect: Dialect, condition: Condition, **more: Any) -> dict[str, Any]:
    document = json.loads(dialect.failure(condition, asked(), **more).body)
    found: dict[str, Any] = document["error"]
    return found


def headers(answer: Answer) -> dict[str, str]:
    told = dict(answer.headers)
    assert len(told) == len(answer.headers), "a header is said twice"
    assert not {"content-length", "transfer-encoding", "content-encoding"} & set(told)
    assert all(name == name.lower() for name in told)
    return told


def documents(answer: Answer) -> list[dict[str, Any]]:
    """What the events of a streamed answer hold, without [DONE]."""
    assert headers(answer)["content-type"].startswith("text/event-stream")
    assert answer.body.endswith(b"\n\n")
    events = answer.body.removesuffix(b"\n\n").split(b"\n\n")
    data = [line[6:] for event in events for line in event.split(b"\n") if line[:6] == b"data: "]
    assert len(data) == len(events)
    return [json.loads(one) for one in data if one != b"[DONE]"]


def waits_are_told(dialect: Dialect, sentence: str) -> None:
    """The four styles, each in its place and in no other."""
    condition = Condition.REQUESTS_PER_MINUTE
    for style, in_headers, in_message in [
        (RetryStyle.HEADER, {"retry-after": "3.89"}, True),
        (RetryStyle.MILLISECONDS, {"retry-after-ms": "3890", "retry-after": "4"}, True),
        (RetryStyle.BODY, {}, True),
        (RetryStyle.ABSENT, {}, False),
    ]:
        answer = dialect.failure(condition, asked(), retry=RetryAfter(3.89, style))
        told = headers(answer)
        assert {name: told[name] for name in told if name.startswith("retry")} == in_headers
        message = json.loads(answer.body)["error"]["message"]
        assert message.endswith(sentence) is in_message
        assert ("3.89" in message) is in_message


def every_condition_is_an_error(dialect: Dialect) -> None:
    for condition in filter(dialect.says, Condition):
        answer = dialect.failure(condition, asked(), allowance=ALLOWANCE)
        assert 400 <= answer.status <= 529
        assert headers(answer)["content-type"] == "application/json"
        assert json.loads(answer.body)["error"]["message"]
        assert "{" not in json.loads(answer.body)["error"]["message"]
        # The same error in the middle of a stream.
        event = dialect.error_event(condition, asked())
        assert event.endswith(b"\n\n")
        data = next(line[6:] for line in event.split(b"\n") if line[:6] == b"data: ")
        assert json.loads(data)["error"]["message"]
        assert not dialect.is_content(data)


def streamed_text_is_whole(dialect: Dialect, finish: Finish = Finish.STOP) -> str:
    """The text of the content events, which the dialect itself must know for content."""
    answer = dialect.completion(asked(stream=True), TEXT, finish)
    contents = [one for one in documents(answer) if dialect.is_content(json.dumps(one).encode())]
    assert len(contents) > 1
    return "".join(_text(one) for one in contents)


def _text(document: dict[str, Any]) -> str:
    if "choices" in document:
        delta = document["choices"][0]["delta"]
        return str(delta.get("content") or delta.get("refusal"))
    return str(document["delta"]["text"])
