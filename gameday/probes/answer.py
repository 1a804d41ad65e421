"""An answer in the OpenAI dialect, put together from a JSON body or from stream events.

Whether it is whole is judged from what arrived: text, a finish reason and, in a stream, the end
mark. A status code says nothing about it.
"""

import json
from dataclasses import dataclass
from typing import Any

from gameday.domain.sample import Outcome

_DONE = "[DONE]"


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
        try:
            document = json.loads(data)
        except ValueError:
            self.problem = "a stream event is not JSON"
            return False
        return self._take(document, "delta")

    def take_body(self, body: bytes) -> None:
        """Take a whole, unstreamed answer."""
        try:
            document = json.loads(body)
        except ValueError:
            self.problem = "the body is not JSON"
            return
        self._take(document, "message")
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

    def _take(self, document: Any, part: str) -> bool:
        if not isinstance(document, dict):
            self.problem = "not an object"
            return False
        if document.get("error"):
            self.problem = f"error in the answer: {_error_kind(document['error'])}"
            return False
        self.model = document.get("model") or self.model
        self.fingerprint = document.get("system_fingerprint") or self.fingerprint
        usage = document.get("usage") or {}
        self.tokens_in = int(usage.get("prompt_tokens") or self.tokens_in)
        self.tokens_out = int(usage.get("completion_tokens") or self.tokens_out)
        choice: dict[str, Any] = next(iter(document.get("choices") or ()), {})
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        content = (choice.get(part) or {}).get("content") or ""
        self.text += content
        return bool(content)


def _error_kind(error: Any) -> str:
    """The error's type or code; never its message, which may hold what a user wrote."""
    if isinstance(error, dict):
        return str(error.get("type") or error.get("code") or "unnamed")[:80]
    return "unnamed"
