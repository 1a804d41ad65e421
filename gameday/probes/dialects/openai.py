"""The dialect `openai`: chat completions, whole or as server-sent events that end in [DONE]."""

from typing import Any

from msgspec import Struct
from msgspec.json import Decoder

from gameday.domain.front_door import FrontDoor
from gameday.probes.answer import Answer
from gameday.probes.dialect import Asked, Wanted
from gameday.probes.head import Head
from gameday.probes.reading import NO_DOCUMENT, NOT_IN_DIALECT, Count, amount, error_kind


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

    def take_head(self, answer: Answer, headers: Head) -> None:
        """Say nothing: all that the dialect tells is in the body."""

    def take_end(self, answer: Answer) -> None:
        """Say nothing: a stream ends with its own mark, or it was cut."""

    def _take(self, answer: Answer, data: bytes, part: str) -> bool:
        try:
            document = _COMPLETIONS.decode(data.decode())
        except NO_DOCUMENT:
            return answer.spoil(NOT_IN_DIALECT)
        if document.error:
            return answer.spoil(f"error in the answer: {error_kind(document.error)}")
        return _read(answer, document, part)


# --- the documents, as far as they are read: trees, which the cyclic collector can leave alone ----


class _Function(Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _Call(Struct, gc=False):
    index: Count | None = None  # its place, where it is not the one that it stands at
    function: _Function | None = None


class _Message(Struct, gc=False):
    content: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(Struct, gc=False):
    message: _Message | None = None
    delta: _Message | None = None
    finish_reason: str | None = None


class _Cached(Struct, gc=False):
    cached_tokens: Count | None = None


class _Reasoning(Struct, gc=False):
    reasoning_tokens: Count | None = None


class _Usage(Struct, gc=False):
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    prompt_tokens_details: _Cached | None = None
    completion_tokens_details: _Reasoning | None = None
    cost: Any = None


class _Completion(Struct, gc=False):
    model: str | None = None
    system_fingerprint: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


_COMPLETIONS = Decoder(_Completion)


def _read(answer: Answer, document: _Completion, part: str) -> bool:
    answer.model = document.model or answer.model
    answer.fingerprint = document.system_fingerprint or answer.fingerprint
    if document.usage is not None:
        _read_usage(answer, document.usage)
    if not document.choices:
        return False
    choice = document.choices[0]
    answer.finish_reason = choice.finish_reason or answer.finish_reason
    if answer.calls is None:
        answer.calls = {}
    message = choice.delta if part == "delta" else choice.message
    if message is None:
        return False
    if message.tool_calls:
        _read_calls(answer, message.tool_calls)
    return answer.add(message.content or "")


def _read_calls(answer: Answer, calls: list[_Call]) -> None:
    for place, one in enumerate(calls):
        call = answer.call(place if one.index is None else one.index)
        if one.function is not None:
            call.name += one.function.name or ""
            call.arguments += one.function.arguments or ""


def _read_usage(answer: Answer, usage: _Usage) -> None:
    answer.tokens_in = usage.prompt_tokens or 0
    answer.tokens_out = usage.completion_tokens or 0
    answer.cost_told_usd = amount(usage.cost)
    if usage.prompt_tokens_details is not None:
        answer.tokens_in_cached = usage.prompt_tokens_details.cached_tokens or 0
    if usage.completion_tokens_details is not None:
        answer.tokens_out_reasoning = usage.completion_tokens_details.reasoning_tokens or 0
