"""The OpenAI dialect: POST /v1/chat/completions, as JSON or as server-sent events."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

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

_CONTEXT_TOKENS = 128_000
_DAY_S = 86_400.0


_SAYINGS: Mapping[Condition, Saying] = {
    Condition.REQUESTS_PER_MINUTE: Saying(
        429,
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached{for_model} on requests per min (RPM){requests}.",
        limits=True,
    ),
    Condition.TOKENS_PER_MINUTE: Saying(
        429,
        "tokens",
        "rate_limit_exceeded",
        "Rate limit reached{for_model} on tokens per min (TPM){tokens}.",
        limits=True,
    ),
    Condition.RAMP: Saying(
        429,
        "rate_limit_error",
        "slow_down",
        "Requests rose too quickly. Slow down, hold a steady rate, then raise it step by step.",
        limits=True,
    ),
    Condition.CREDIT: Saying(
        429,
        "insufficient_quota",
        "credit_balance_exhausted",
        "You exceeded your current quota: the prepaid credit is used up.",
    ),
    Condition.SPEND_CAP: Saying(
        429,
        "insufficient_quota",
        "organization_spend_limit_exceeded",
        "You exceeded your current quota: the organization's spend limit is reached.",
    ),
    Condition.USAGE_LIMIT: Saying(
        429,
        "insufficient_quota",
        "organization_usage_limit_exceeded",
        "You exceeded your current quota: the organization's usage limit is reached.",
    ),
    Condition.PER_DAY: Saying(
        429,
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached{for_model} on requests per day (RPD): Limit 200, Used 200, "
        "Requested 1.",
        own_retry=RetryAfter(_DAY_S / 200),  # one of 200 a day comes free after so long
    ),
    Condition.OVERLOADED: Saying(
        503,
        "service_unavailable_error",
        "server_is_overloaded",
        "The engine is currently overloaded.",
    ),
    Condition.SERVER_ERROR: Saying(
        500, "server_error", None, "The server had an error while processing your request."
    ),
    Condition.INVALID_REQUEST: Saying(
        400, "invalid_request_error", None, "The request could not be understood."
    ),
    Condition.KEY_REVOKED: Saying(
        401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."
    ),
    Condition.PERMISSION: Saying(
        403,
        "invalid_request_error",
        "model_not_found",
        "Project does not have access to model `{model}`",
    ),
    # Not OpenAI's own words but those of a router that speaks its dialect.
    Condition.UNKNOWN_USER: Saying(401, None, 401, "User not found.", bare=True),
    Condition.MODEL_RETIRED: Saying(
        404,
        "invalid_request_error",
        "model_not_found",
        "The model `{model}` has been deprecated and is no longer available.",
    ),
    Condition.CONTEXT_OVERFLOW: Saying(
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is {context} tokens. However, your messages "
        "resulted in {overlong} tokens.",
        param="messages",
    ),
    Condition.PROMPT_FILTERED: Saying(
        400,
        "invalid_request_error",
        "invalid_prompt",
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    ),
}
_INSTRUCTING = frozenset({"system", "developer"})
_FINISH = {Finish.CONTENT_FILTER: "content_filter"}


class OpenAI(Dialect):
    """OpenAI, and everything that is compatible with it."""

    name = "openai"

    _sayings: ClassVar[Mapping[Condition, Saying]] = _SAYINGS
    _wait_sentence: ClassVar[str] = "Please try again in {wait}s."

    def model(self, request: WireRequest) -> str:
        return text_field(request, "model")

    def wants_stream(self, request: WireRequest) -> bool:
        return request.body.get("stream") is True

    def asks_for_text(self, request: WireRequest) -> bool:
        return request.path.endswith("/chat/completions")

    def says(self, condition: Condition) -> bool:
        return condition in self._sayings

    def failure(
        self,
        condition: Condition,
        request: WireRequest,
        *,
        retry: RetryAfter | None = None,
        allowance: Allowance | None = None,
    ) -> Answer:
        saying = self._sayings[condition]
        retry = retry or saying.own_retry
        headers = (
            *self._headers(request, "application/json"),
            *(retry.headers() if retry else ()),
            *(self.allowance_headers(allowance) if allowance and saying.limits else ()),
        )
        body = to_json({"error": self._error(saying, request, retry, allowance)})
        return Answer(saying.status, headers, body)

    def error_event(self, condition: Condition, request: WireRequest) -> bytes:
        error = self._error(self._sayings[condition], request, None, None)
        return _event({"error": error})

    def completion(self, request: WireRequest, text: str, finish: Finish) -> Answer:
        if self.wants_stream(request):
            headers = self._headers(request, "text/event-stream; charset=utf-8")
            events = [_event(document) for document in self._documents(request, text, finish)]
            return Answer(200, headers, b"".join([*events, b"data: [DONE]\n\n"]))
        whole = {
            **self._envelope(request, "chat.completion"),
            "choices": self._choices(text, finish),
            "usage": self._usage(request, text),
        }
        return Answer(200, self._headers(request, "application/json"), to_json(whole))

    def is_content(self, data: bytes) -> bool:
        # A look before the parse: most events of a stream are content, the others are few.
        if b'"delta"' not in data:
            return False
        choices = from_json(data).get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else {}
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(delta, dict):
            return False
        return any(delta.get(field) for field in ("content", "refusal", "tool_calls"))

    def identity(self, document: Mapping[str, Any]) -> Identity | None:
        model, fingerprint = document.get("model"), document.get("system_fingerprint")
        if not isinstance(model, str):
            return None
        return Identity(model, fingerprint if isinstance(fingerprint, str) else None)

    def identify(self, document: dict[str, Any], identity: Identity) -> bool:
        if "model" not in document:
            return False
        document["model"] = identity.model
        if "system_fingerprint" in document:
            document["system_fingerprint"] = identity.fingerprint
        return True

    def rewrite_text(self, document: dict[str, Any], change: Callable[[str], str]) -> bool:
        choices = document.get("choices")
        found = False
        for choice in choices if isinstance(choices, list) else ():
            for part in ("delta", "message"):
                said = choice.get(part) if isinstance(choice, dict) else None
                text = said.get("content") if isinstance(said, dict) else None
                if said and isinstance(text, str) and text:
                    said["content"] = change(text)
                    found = True
        return found

    def usages(self, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        usage = document.get("usage")
        return [usage] if isinstance(usage, dict) else []

    def uncache(self, usage: dict[str, Any]) -> bool:
        details = usage.get("prompt_tokens_details")
        if not isinstance(details, dict) or not details.get("cached_tokens"):
            return False
        details["cached_tokens"] = 0
        return True

    def inflate_usage(self, document: dict[str, Any], factor: float) -> bool:
        usage = document.get("usage")
        if not multiply_tokens(usage, factor):
            return False
        assert isinstance(usage, dict)
        asked, answered = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if isinstance(asked, int) and isinstance(answered, int) and "total_tokens" in usage:
            usage["total_tokens"] = asked + answered
        return True

    def allowance_headers(self, allowance: Allowance) -> tuple[tuple[str, str], ...]:
        reset = _go_duration(allowance.resets_in_s)
        headers: list[tuple[str, str]] = []
        for kind, there_is, left in allowance.limits():
            headers += [
                (f"x-ratelimit-limit-{kind}", str(there_is)),
                (f"x-ratelimit-remaining-{kind}", str(left)),
                (f"x-ratelimit-reset-{kind}", reset),
            ]
        return tuple(headers)

    def of_model(self, request: WireRequest, model: str) -> Onward:
        return Onward(request.path, {**request.body, "model": model})

    def instruct(self, body: dict[str, Any], text: str) -> None:
        messages = body.get("messages")
        if isinstance(messages, list):
            instructions, rest = _parted(messages)
            body["messages"] = [*instructions, {"role": "system", "content": text}, *rest]

    def forget(self, body: dict[str, Any], kept: int) -> None:
        messages = body.get("messages")
        if isinstance(messages, list):
            instructions, rest = _parted(messages)
            body["messages"] = [*instructions, *latest(rest, kept)]

    def think_less(self, body: dict[str, Any], effort: Effort) -> None:
        body["reasoning_effort"] = effort.value

    def cut_answers(self, body: dict[str, Any], tokens_max: int) -> None:
        # The older name, where the request uses it: not every server knows both.
        older = body.get("max_tokens") is not None
        lower(body, "max_tokens" if older else "max_completion_tokens", tokens_max)

    def show_key(self, key: str) -> tuple[str, str]:
        return "authorization", f"Bearer {key}"

    def _headers(self, request: WireRequest, content_type: str) -> tuple[tuple[str, str], ...]:
        return (("content-type", content_type), ("x-request-id", request.id))

    def _error(
        self,
        saying: Saying,
        request: WireRequest,
        retry: RetryAfter | None,
        allowance: Allowance | None,
    ) -> dict[str, Any]:
        told = _filled(saying.message, self.model(request), allowance)
        message = with_wait(told, retry, self._wait_sentence)
        if saying.bare:
            return {"code": saying.code, "message": message}
        named = {"type": saying.type, "param": saying.param, "code": saying.code}
        return {"message": message, **named, **saying.more}

    def _envelope(self, request: WireRequest, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{request.id}",
            "object": kind,
            "created": int(time.time()),
            "model": self.model(request) or "unknown",
            "system_fingerprint": None,
        }

    def _choices(self, text: str, finish: Finish) -> list[dict[str, Any]]:
        if finish is Finish.NO_CHOICES:
            return []
        refused = finish is Finish.REFUSAL
        message = {
            "role": "assistant",
            "content": None if refused else text,
            "refusal": text if refused else None,
        }
        reason = _FINISH.get(finish, "stop")
        return [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}]

    def _documents(
        self, request: WireRequest, text: str, finish: Finish
    ) -> Iterator[dict[str, Any]]:
        """What each event of a streamed answer holds, without the last, `[DONE]`."""
        envelope = self._envelope(request, "chat.completion.chunk")
        if finish is Finish.NO_CHOICES:
            yield {**envelope, "choices": []}
        else:
            for delta, reason in self._deltas(text, finish):
                yield {**envelope, "choices": [self._chunk_choice(delta, reason)]}
        options = request.body.get("stream_options")
        if isinstance(options, dict) and options.get("include_usage") is True:
            yield {**envelope, "choices": [], "usage": self._usage(request, text)}

    def _deltas(self, text: str, finish: Finish) -> Iterator[tuple[dict[str, Any], str | None]]:
        yield {"role": "assistant", "content": "", "refusal": None}, None
        field = "refusal" if finish is Finish.REFUSAL else "content"
        for piece in pieces(text):
            yield {field: piece}, None
        yield {}, _FINISH.get(finish, "stop")

    def _chunk_choice(self, delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
        return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}

    def _usage(self, request: WireRequest, text: str) -> dict[str, int]:
        asked, answered = tokens_asked(request), tokens_in(text)
        return {
            "prompt_tokens": asked,
            "completion_tokens": answered,
            "total_tokens": asked + answered,
        }


def _parted(messages: list[Any]) -> tuple[list[Any], list[Any]]:
    """What instructs the model, and the conversation."""
    instructs = [isinstance(one, dict) and one.get("role") in _INSTRUCTING for one in messages]
    pairs = list(zip(messages, instructs, strict=True))
    return [one for one, does in pairs if does], [one for one, does in pairs if not does]


def _event(document: dict[str, Any]) -> bytes:
    return b"data: " + to_json(document) + b"\n\n"


def _filled(message: str, model: str, allowance: Allowance | None) -> str:
    """`message` with the request's and the allowance's figures; without them, without."""
    requests = tokens = ""
    if allowance is not None:
        used = {
            kind: f": Limit {there_is}, Used {there_is - left}"
            for kind, there_is, left in allowance.limits()
        }
        requests, tokens = f"{used['requests']}, Requested 1", used.get("tokens", "")
    return message.format(
        model=model or "unknown",
        for_model=f" for {model}" if model else "",
        requests=requests,
        tokens=tokens,
        context=_CONTEXT_TOKENS,
        overlong=_CONTEXT_TOKENS * 3 // 2,
    )


def _go_duration(seconds: float) -> str:
    """`seconds` as the reset headers have it: 120ms, 6.2s, 7m12s, 24h0m0s; rounded up."""
    wait_ms = math.ceil(round(seconds * 1000, 3))
    if wait_ms < 1000:
        return f"{wait_ms}ms"
    minutes, rest_ms = divmod(wait_ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    rest = f"{rest_ms / 1000:g}s"
    if hours:
        return f"{hours}h{minutes}m{rest}"
    return f"{minutes}m{rest}" if minutes else rest
