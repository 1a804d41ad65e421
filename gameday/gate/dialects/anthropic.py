"""The Anthropic dialect: POST /v1/messages, as JSON or as server-sent events."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gameday.domain.wire import (
    Allowance,
    Answer,
    Condition,
    Dialect,
    Effort,
    Finish,
    Identity,
    Onward,
    RetryAfter,
    WireRequest,
)
from gameday.gate.dialects._writing import (
    Saying,
    from_json,
    latest,
    lower,
    multiply_tokens,
    pieces,
    text_field,
    to_json,
    tokens_asked,
    tokens_in,
    with_wait,
)

_CONTEXT_TOKENS = 200_000
_SAYINGS: Mapping[Condition, Saying] = {
    Condition.REQUESTS_PER_MINUTE: Saying(
        429,
        "rate_limit_error",
        None,
        "This request would exceed your organization's rate limit of requests per minute.",
        limits=True,
    ),
    Condition.TOKENS_PER_MINUTE: Saying(
        429,
        "rate_limit_error",
        None,
        "This request would exceed your organization's rate limit of input tokens per minute.",
        limits=True,
    ),
    Condition.RAMP: Saying(
        429,
        "rate_limit_error",
        None,
        "This request would exceed a ramp limit: usage rose too quickly.",
        limits=True,
        more={"details": {"error_code": "ramp_limit_exceeded"}},
    ),
    Condition.CREDIT: Saying(
        400,
        "invalid_request_error",
        None,
        "Your credit balance is too low to access the Anthropic API.",
    ),
    Condition.SPEND_CAP: Saying(
        429,
        "rate_limit_error",
        None,
        "Your organization has reached its enforced spend limit for this month.",
        more={"details": {"error_code": "enforced_spend_limit_reached"}},
    ),
    Condition.USAGE_LIMIT: Saying(
        400,
        "invalid_request_error",
        None,
        "You have reached your specified API usage limits.",
    ),
    Condition.OVERLOADED: Saying(529, "overloaded_error", None, "Overloaded"),
    Condition.SERVER_ERROR: Saying(500, "api_error", None, "Internal server error"),
    Condition.INVALID_REQUEST: Saying(
        400, "invalid_request_error", None, "The request could not be understood."
    ),
    Condition.KEY_REVOKED: Saying(401, "authentication_error", None, "invalid x-api-key"),
    Condition.PERMISSION: Saying(
        403, "permission_error", None, "Your API key does not have permission to do this."
    ),
    Condition.UNKNOWN_USER: Saying(401, "authentication_error", None, "User not found."),
    Condition.MODEL_RETIRED: Saying(404, "not_found_error", None, "model: {model}"),
    Condition.CONTEXT_OVERFLOW: Saying(
        400,
        "invalid_request_error",
        None,
        "prompt is too long: {overlong} tokens > {context} maximum",
    ),
    Condition.PROMPT_FILTERED: Saying(
        400, "invalid_request_error", None, "Output blocked by content filtering policy"
    ),
}
# The API has no other word for an answer that a filter has ended.
_STOP_REASONS = {Finish.REFUSAL: "refusal", Finish.CONTENT_FILTER: "refusal"}
_TOLD_AS = {"requests": ("requests",), "tokens": ("tokens", "input-tokens", "output-tokens")}
_OF_TEXT = frozenset({"text", "text_delta"})
_TEXT_KEYS = ("text", "partial_json")


class Anthropic(Dialect):
    """Anthropic's Messages API. It knows no limit per day."""

    name = "anthropic"

    def model(self, request: WireRequest) -> str:
        return text_field(request, "model")

    def wants_stream(self, request: WireRequest) -> bool:
        return request.body.get("stream") is True

    def asks_for_text(self, request: WireRequest) -> bool:
        return request.path.endswith("/messages")

    def says(self, condition: Condition) -> bool:
        return condition in _SAYINGS

    def failure(
        self,
        condition: Condition,
        request: WireRequest,
        *,
        retry: RetryAfter | None = None,
        allowance: Allowance | None = None,
    ) -> Answer:
        saying = _SAYINGS[condition]
        headers = (
            *_headers(request, "application/json"),
            *(retry.headers() if retry else ()),
            *(self.allowance_headers(allowance) if allowance and saying.limits else ()),
        )
        return Answer(saying.status, headers, to_json(self._error(condition, request, retry)))

    def error_event(self, condition: Condition, request: WireRequest) -> bytes:
        return _event(self._error(condition, request, None))

    def completion(self, request: WireRequest, text: str, finish: Finish) -> Answer:
        if self.wants_stream(request):
            headers = _headers(request, "text/event-stream; charset=utf-8")
            events = [_event(document) for document in self._documents(request, text, finish)]
            return Answer(200, headers, b"".join(events))
        blocks = [] if finish is Finish.NO_CHOICES else [{"type": "text", "text": text}]
        whole = {
            **self._envelope(request),
            "content": blocks,
            **_stopped(finish),
            "usage": {"input_tokens": tokens_asked(request), "output_tokens": tokens_in(text)},
        }
        return Answer(200, _headers(request, "application/json"), to_json(whole))

    def is_content(self, data: bytes) -> bool:
        # A look before the parse: most events of a stream are content, the others are few.
        if b'"content_block_delta"' not in data:
            return False
        delta = from_json(data).get("delta")
        return isinstance(delta, dict) and any(delta.get(key) for key in _TEXT_KEYS)

    def identity(self, document: Mapping[str, Any]) -> Identity | None:
        model = _message(document).get("model")
        return Identity(model) if isinstance(model, str) else None

    def identify(self, document: dict[str, Any], identity: Identity) -> bool:
        message = _message(document)
        if "model" not in message:
            return False
        message["model"] = identity.model
        return True

    def rewrite_text(self, document: dict[str, Any], change: Callable[[str], str]) -> bool:
        """A stream has its text in deltas, a whole answer in blocks."""
        blocks = document.get("content")
        parts = [document.get("delta"), *(blocks if isinstance(blocks, list) else ())]
        found = False
        for part in parts:
            if isinstance(part, dict) and part.get("type") in _OF_TEXT and part.get("text"):
                part["text"] = change(str(part["text"]))
                found = True
        return found

    def usages(self, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The first event of a stream has its counts inside `message`, the last beside it."""
        message = document.get("message")
        inner = message.get("usage") if isinstance(message, dict) else None
        return [usage for usage in (inner, document.get("usage")) if isinstance(usage, dict)]

    def uncache(self, usage: dict[str, Any]) -> bool:
        """What is read anew is written to the cache again."""
        read = usage.get("cache_read_input_tokens")
        if not isinstance(read, int) or not read:
            return False
        written = usage.get("cache_creation_input_tokens")
        usage["cache_read_input_tokens"] = 0
        usage["cache_creation_input_tokens"] = read + (written if isinstance(written, int) else 0)
        return True

    def inflate_usage(self, document: dict[str, Any], factor: float) -> bool:
        found = [multiply_tokens(usage, factor) for usage in self.usages(document)]
        return any(found)  # only now: each has to be multiplied

    def allowance_headers(self, allowance: Allowance) -> tuple[tuple[str, str], ...]:
        # The second after: a time that is rounded down would be too early.
        resets_at = datetime.now(UTC) + timedelta(seconds=allowance.resets_in_s + 1)
        reset = resets_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        headers: list[tuple[str, str]] = []
        for kind, there_is, left in allowance.limits():
            for name in _TOLD_AS[kind]:
                prefix = f"anthropic-ratelimit-{name}"
                headers += [
                    (f"{prefix}-limit", str(there_is)),
                    (f"{prefix}-remaining", str(left)),
                    (f"{prefix}-reset", reset),
                ]
        return tuple(headers)

    def of_model(self, request: WireRequest, model: str) -> Onward:
        return Onward(request.path, {**request.body, "model": model})

    def instruct(self, body: dict[str, Any], text: str) -> None:
        system = body.get("system")
        if isinstance(system, list):
            body["system"] = [*system, {"type": "text", "text": text}]
        else:
            body["system"] = f"{system}\n\n{text}" if isinstance(system, str) else text

    def forget(self, body: dict[str, Any], kept: int) -> None:
        messages = body.get("messages")
        if isinstance(messages, list):
            body["messages"] = latest(messages, kept)

    def think_less(self, body: dict[str, Any], effort: Effort) -> None:
        config = body.get("output_config")
        body["output_config"] = {
            **(config if isinstance(config, dict) else {}),
            "effort": effort.value,
        }

    def cut_answers(self, body: dict[str, Any], tokens_max: int) -> None:
        lower(body, "max_tokens", tokens_max)

    def show_key(self, key: str) -> tuple[str, str]:
        return "x-api-key", key

    def _error(
        self, condition: Condition, request: WireRequest, retry: RetryAfter | None
    ) -> dict[str, Any]:
        saying = _SAYINGS[condition]
        told = saying.message.format(
            model=self.model(request) or "unknown",
            context=_CONTEXT_TOKENS,
            overlong=_CONTEXT_TOKENS * 3 // 2,
        )
        message = with_wait(told, retry, "Please try again in {wait} seconds.")
        error = {"details": None, "type": saying.type, "message": message, **saying.more}
        return {"type": "error", "error": error, "request_id": request.id}

    def _envelope(self, request: WireRequest) -> dict[str, Any]:
        return {
            "id": f"msg_{request.id}",
            "type": "message",
            "role": "assistant",
            "model": self.model(request) or "unknown",
        }

    def _documents(
        self, request: WireRequest, text: str, finish: Finish
    ) -> Iterator[dict[str, Any]]:
        """What each event of a streamed answer holds."""
        usage = {"input_tokens": tokens_asked(request), "output_tokens": 1}
        message = {
            **self._envelope(request),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        yield {"type": "message_start", "message": message}
        yield {"type": "ping"}  # it may come anywhere; the real one sends it early
        if finish is not Finish.NO_CHOICES:
            yield from _block(text)
        counted = {"output_tokens": tokens_in(text)}
        yield {"type": "message_delta", "delta": _stopped(finish), "usage": counted}
        yield {"type": "message_stop"}


def _message(document: Mapping[str, Any]) -> dict[str, Any]:
    """The message itself, which the first event of a stream has inside it."""
    message = document.get("message")
    if isinstance(message, dict):
        return message
    return document if isinstance(document, dict) else {}


def _stopped(finish: Finish) -> dict[str, Any]:
    stopped = {"stop_reason": _STOP_REASONS.get(finish, "end_turn"), "stop_sequence": None}
    if stopped["stop_reason"] != "refusal":
        return stopped
    return {**stopped, "stop_details": {"type": "refusal", "category": None, "explanation": None}}


def _block(text: str) -> Iterator[dict[str, Any]]:
    block = {"type": "text", "text": ""}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    for piece in pieces(text):
        delta = {"type": "text_delta", "text": piece}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}


def _headers(request: WireRequest, content_type: str) -> tuple[tuple[str, str], ...]:
    return (("content-type", content_type), ("request-id", request.id))


def _event(document: dict[str, Any]) -> bytes:
    return f"event: {document['type']}\n".encode() + b"data: " + to_json(document) + b"\n\n"
