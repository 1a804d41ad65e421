"""The dialect `openai`: chat completions, whole or as server-sent events that end in [DONE]."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from gameday.domain.front_door import FrontDoor
from gameday.probes.answer import Answer
from gameday.probes.dialect import Asked, Wanted
from gameday.probes.reading import NOT_IN_DIALECT, amount, count, error_kind, inside, listed, text


class OpenAI:
    """Chat completions of one front door."""

    def __init__(self, door: FrontDoor) -> None:
        limit = {} if door.max_tokens is None else {"max_tokens": door.max_tokens}
        self._settings: dict[str, Any] = {"model": door.model, **limit}

    def ask(self, asked: Asked) -> Wanted:
        document = {**self._settings, "messages": asked.messages(), "stream": asked.stream}
        headers = {"authorization": f"Bearer {asked.key}"} if asked.key else {}
        return Wanted("/chat/completions", headers, document)

    def take_event(self, answer: Answer, name: bytes, data: bytes) -> bool:  # noqa: ARG002 - unnamed
        if data.strip() == b"[DONE]":
            answer.ended = True
            return False
        return self._take(answer, data, "delta")

    def take_body(self, answer: Answer, body: bytes) -> None:
        self._take(answer, body, "message")
        answer.ended = True

    def take_head(self, answer: Answer, headers: Mapping[bytes, bytes]) -> None:
        """Say nothing: all that the dialect tells is in the body."""

    def take_end(self, answer: Answer) -> None:
        """Say nothing: a stream ends with its own mark, or it was cut."""

    def _take(self, answer: Answer, data: bytes, part: str) -> bool:
        try:
            return _read(answer, from_json(data, allow_inf_nan=False), part)
        except (ValueError, TypeError):
            return answer.spoil(NOT_IN_DIALECT)


def _read(answer: Answer, document: Any, part: str) -> bool:
    """Take one document. Raises TypeError where it has another shape than the dialect's."""
    document = inside(document)
    if document.get("error"):
        return answer.spoil(f"error in the answer: {error_kind(document['error'])}")
    answer.model = text(document.get("model")) or answer.model
    answer.fingerprint = text(document.get("system_fingerprint")) or answer.fingerprint
    if document.get("usage") is not None:
        _read_usage(answer, inside(document["usage"]))
    choices = listed(document.get("choices"))
    if not choices:
        return False
    choice = inside(choices[0])
    answer.finish_reason = text(choice.get("finish_reason")) or answer.finish_reason
    message = inside(choice.get(part))
    if answer.calls is None:
        answer.calls = {}
    if message.get("tool_calls"):
        _read_calls(answer, listed(message["tool_calls"]))
    return answer.add(text(message.get("content")))


def _read_calls(answer: Answer, calls: list[Any]) -> None:
    for place, one in enumerate(calls):
        called, function = inside(one), inside(inside(one).get("function"))
        call = answer.call(count(called.get("index", place)))
        call.name += text(function.get("name"))
        call.arguments += text(function.get("arguments"))


def _read_usage(answer: Answer, usage: dict[str, Any]) -> None:
    answer.tokens_in = count(usage.get("prompt_tokens"))
    answer.tokens_out = count(usage.get("completion_tokens"))
    answer.cost_told_usd = amount(usage.get("cost"))
    of_in, of_out = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    if of_in is not None:
        answer.tokens_in_cached = count(inside(of_in).get("cached_tokens"))
    if of_out is not None:
        answer.tokens_out_reasoning = count(inside(of_out).get("reasoning_tokens"))
