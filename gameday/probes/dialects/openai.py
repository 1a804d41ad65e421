"""The dialect `openai`: chat completions, whole or as server-sent events that end in [DONE]."""

from typing import Any

from pydantic_core import from_json

from gameday.domain.front_door import FrontDoor
from gameday.probes.answer import Answer
from gameday.probes.dialects import Asked
from gameday.probes.reading import NOT_IN_DIALECT, count, error_kind, inside, listed, text


class OpenAI:
    """Chat completions of one front door."""

    path = "/chat/completions"

    def __init__(self, door: FrontDoor) -> None:
        self._model = door.model

    def headers(self, key: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def body(self, asked: Asked) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": asked.question}],
            "stream": asked.stream,
        }

    def take_event(self, answer: Answer, name: bytes, data: bytes) -> bool:  # noqa: ARG002 - unnamed
        if data.strip() == b"[DONE]":
            answer.ended = True
            return False
        return self._take(answer, data, "delta")

    def take_body(self, answer: Answer, body: bytes) -> None:
        self._take(answer, body, "message")
        answer.ended = True

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
    return answer.add(text(inside(choice.get(part)).get("content")))


def _read_usage(answer: Answer, usage: dict[str, Any]) -> None:
    answer.tokens_in = count(usage.get("prompt_tokens"))
    answer.tokens_out = count(usage.get("completion_tokens"))
    of_in, of_out = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    answer.tokens_in_cached = count(inside(of_in).get("cached_tokens"))
    answer.tokens_out_reasoning = count(inside(of_out).get("reasoning_tokens"))
