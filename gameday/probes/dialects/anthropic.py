"""The dialect `anthropic`: messages, whole or as events from message_start to message_stop."""

import json
from typing import Any

from pydantic_core import from_json

from gameday.domain.front_door import FrontDoor
from gameday.probes.answer import Answer
from gameday.probes.dialect import Asked, Wanted
from gameday.probes.head import Head
from gameday.probes.reading import NOT_IN_DIALECT, amount, count, error_kind, inside, listed, text

_VERSION = "2023-06-01"
_MAX_TOKENS = 1024  # the API wants one


class Anthropic:
    """Messages of one front door."""

    def __init__(self, door: FrontDoor) -> None:
        self._settings: dict[str, Any] = {
            "model": door.model,
            "max_tokens": door.max_tokens or _MAX_TOKENS,
        }

    def ask(self, asked: Asked) -> Wanted:
        document = {**self._settings, "messages": asked.messages(), "stream": asked.stream}
        key = {"x-api-key": asked.key} if asked.key else {}
        return Wanted("/messages", {"anthropic-version": _VERSION, **key}, document)

    def take_event(self, answer: Answer, name: bytes, data: bytes) -> bool:  # noqa: ARG002 - see type
        """Take one event by the type in its data, which is the same as its name."""
        try:
            return _read_event(answer, inside(from_json(data, allow_inf_nan=False)))
        except (ValueError, TypeError):
            return answer.spoil(NOT_IN_DIALECT)

    def take_body(self, answer: Answer, body: bytes) -> None:
        answer.ended = True
        try:
            _read_body(answer, inside(from_json(body, allow_inf_nan=False)))
        except (ValueError, TypeError):
            answer.spoil(NOT_IN_DIALECT)

    def take_head(self, answer: Answer, headers: Head) -> None:
        """Say nothing: all that the dialect tells is in the body."""

    def take_end(self, answer: Answer) -> None:
        """Say nothing: a stream ends with message_stop, or it was cut."""


def _read_event(answer: Answer, event: dict[str, Any]) -> bool:
    match event.get("type"):
        case "content_block_start":
            _begin_block(answer, count(event.get("index")), inside(event.get("content_block")))
        case "content_block_delta":
            delta = inside(event.get("delta"))
            if delta.get("type") == "input_json_delta":
                answer.call(count(event.get("index"))).arguments += text(delta.get("partial_json"))
            return answer.add(text(delta.get("text")))
        case "message_start":
            message = inside(event.get("message"))
            answer.model = text(message.get("model")) or answer.model
            answer.calls = {}
            _read_usage(answer, inside(message.get("usage")))
        case "message_delta":
            finish = text(inside(event.get("delta")).get("stop_reason"))
            answer.finish_reason = finish or answer.finish_reason
            _read_usage(answer, inside(event.get("usage")))
        case "message_stop":
            answer.ended = True
        case "error":
            return answer.spoil(f"error in the answer: {error_kind(event.get('error'))}")
    return False  # pings, the edges of blocks, and types that are yet to come


def _read_body(answer: Answer, message: dict[str, Any]) -> None:
    if message.get("type") == "error" or message.get("error"):
        answer.spoil(f"error in the answer: {error_kind(message.get('error'))}")
        return
    answer.model = text(message.get("model")) or None
    answer.finish_reason = text(message.get("stop_reason")) or None
    _read_usage(answer, inside(message.get("usage")))
    answer.calls = {}
    for place, block in enumerate(listed(message.get("content"))):
        _begin_block(answer, place, inside(block))
        answer.add(text(inside(block).get("text")))


def _begin_block(answer: Answer, place: int, block: dict[str, Any]) -> None:
    if block.get("type") == "tool_use":
        call = answer.call(place)
        call.name = text(block.get("name"))
        # A stream begins with an empty object, and brings the arguments afterwards.
        call.arguments = json.dumps(block["input"]) if block.get("input") else ""


def _read_usage(answer: Answer, usage: dict[str, Any]) -> None:
    """Take what is there: input comes at a stream's start, output at its end.

    The API counts cached input apart from `input_tokens`; a sample's input includes it.
    """
    if usage.get("input_tokens") is not None:
        cached = count(usage.get("cache_read_input_tokens"))
        written = count(usage.get("cache_creation_input_tokens"))
        answer.tokens_in = count(usage["input_tokens"]) + cached + written
        answer.tokens_in_cached = cached
    if (cost := amount(usage.get("cost"))) is not None:
        answer.cost_told_usd = cost
    if usage.get("output_tokens") is not None:
        answer.tokens_out = count(usage["output_tokens"])
