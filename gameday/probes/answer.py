"""An answer in the OpenAI dialect, put together from a JSON body or from stream events.

Whether it is whole is judged from what arrived: text, a finish reason and, in a stream, the end
mark. A status code says nothing about it.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from gameday.domain.sample import Outcome

_DONE = "[DONE]"


class _Content(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    delta: _Content = _Content()
    message: _Content = _Content()
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Document(BaseModel):
    """One stream event, or a whole body. Further keys are nobody's business here."""

    model: str | None = None
    system_fingerprint: str | None = None
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: Any = None


@dataclass
class Answer:
    """What has arrived so far."""

    text: str = ""
    finish_reason: str | None = None
    model: str | None = None
    fingerprint: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    ended: bool = False  # the body, or the stream's end mark, arrived
    problem: str = ""

    def take_event(self, data: str) -> bool:
        """Take the data of one stream event; True when it brought content."""
        if data == _DONE:
            self.ended = True
            return False
        return self._take(data)

    def take_body(self, body: bytes) -> None:
        """Take a whole, unstreamed answer."""
        self._take(body)
        self.ended = True

    def outcome(self) -> tuple[Outcome, str]:
        """How the answer ended, and a few words when it did not end well."""
        if self.problem:
            return Outcome.CUT if self.text else Outcome.MALFORMED, self.problem
        if not self.text:
            return Outcome.MALFORMED, "no content"
        if self.finish_reason is None or not self.ended:
            return Outcome.CUT, "the answer has no proper end"
        return Outcome.OK, ""

    def _take(self, data: str | bytes) -> bool:
        try:
            document = _Document.model_validate_json(data)
        except ValidationError:
            self.problem = "what arrived is not in the dialect"
            return False
        if document.error:
            self.problem = f"error in the answer: {_error_kind(document.error)}"
            return False
        self.model = document.model or self.model
        self.fingerprint = document.system_fingerprint or self.fingerprint
        if document.usage is not None:
            self.tokens_in = document.usage.prompt_tokens
            self.tokens_out = document.usage.completion_tokens
        choice = document.choices[0] if document.choices else _Choice()
        self.finish_reason = choice.finish_reason or self.finish_reason
        content = choice.delta.content or choice.message.content or ""
        self.text += content
        return bool(content)


def _error_kind(error: Any) -> str:
    """The error's type or code; never its message, which may hold what a user wrote."""
    if isinstance(error, dict):
        return str(error.get("type") or error.get("code") or "unnamed")[:80]
    return "unnamed"
