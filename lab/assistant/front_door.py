"""The shape of the front door: what it takes and what it sends, in the OpenAI dialect."""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gameday.domain.sample import Attempt
from lab.assistant.dialect import Reading


class BadQuestionError(Exception):
    """The request is not one that the front door takes."""


@dataclass(frozen=True)
class Question:
    """One request at the front door. history: what was said before, by either side."""

    text: str
    stream: bool
    history: tuple[str, ...] = ()


def read_question(body: Any) -> Question:
    """Read the last user message, and what came before it. Raises BadQuestionError."""
    messages = body.get("messages") if isinstance(body, Mapping) else None
    if not isinstance(messages, list):
        raise BadQuestionError("the body must be an object with a list of 'messages'")
    said = [
        (message["role"], message.get("content"))
        for message in messages
        if isinstance(message, Mapping) and message.get("role") in ("user", "assistant")
    ]
    asked = [place for place, (role, _) in enumerate(said) if role == "user"]
    text = said[asked[-1]][1] if asked else None
    if not isinstance(text, str) or not text.strip():
        raise BadQuestionError("there is no message of the role 'user' with a text")
    history = tuple(str(content) for _, content in said[: asked[-1]])
    return Question(text, body.get("stream") is True, history)


def attempts_header(attempts: Sequence[Attempt]) -> str:
    return ", ".join(
        f"{attempt.provider};outcome={attempt.outcome};ms={round(attempt.elapsed_ms)}"
        for attempt in attempts
    )


def error_body(message: str, kind: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class Envelope:
    """Wraps one answer, whole or in chunks, under one id."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    def whole(self, text: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, **self._calls()}
        choice = {"index": 0, "message": message, "finish_reason": self._reading.finish_reason}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage()}

    def piece(self, text: str, *, first: bool) -> bytes:
        delta = {"role": "assistant", "content": text} if first else {"content": text}
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": None}])

    def end(self) -> bytes:
        finish = {"index": 0, "delta": self._calls(), "finish_reason": self._reading.finish_reason}
        usage = self._chunk([], usage=self._usage())
        return self._chunk([finish]) + usage + b"data: [DONE]\n\n"

    def _chunk(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        return event({**self._head("chat.completion.chunk"), "choices": choices, **more})

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            # By the name that it was asked for, as routers tell it.
            "model": self._reading.asked_for or self._reading.model,
            "system_fingerprint": self._reading.fingerprint,
        }

    def _calls(self) -> dict[str, Any]:
        """The calls of tools that the answer tells of; nothing where there is none."""
        calls = [
            {
                "index": place,
                "id": f"call_{self._id}_{place}",
                "type": "function",
                "function": {"name": name, "arguments": "{}"},
            }
            for place, name in enumerate(self._reading.called)
        ]
        return {"tool_calls": calls} if calls else {}

    def _usage(self) -> dict[str, float]:
        tokens_in, tokens_out = self._reading.tokens_in, self._reading.tokens_out
        cost_usd = self._reading.cost_usd
        return {
            **({} if cost_usd is None else {"cost": cost_usd}),
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        }


def event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
