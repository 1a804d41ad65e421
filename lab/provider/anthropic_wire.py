"""The Anthropic dialect: POST /v1/messages, as JSON or as server-sent events."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.engine import Prompt
from lab.provider.rate_meter import RateMeter, RateState
from lab.provider.wire import (
    Asked,
    BadRequestError,
    Reply,
    last_question,
    read_effort,
    read_number,
    require_content,
    require_messages,
    require_text,
)

_TYPES = {404: "not_found_error", 429: "rate_limit_error"}
_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens"}


class AnthropicWire:
    path = "/v1/messages"
    request_id_header = "request-id"

    def read(self, body: Mapping[str, Any]) -> Asked:
        messages = require_messages(body)
        if any(role not in ("user", "assistant") for role, _ in messages):
            raise BadRequestError("a message's role must be 'user' or 'assistant'")
        if "max_tokens" not in body:
            raise BadRequestError("'max_tokens' is required")
        config = body.get("output_config", {})
        if not isinstance(config, Mapping):
            raise BadRequestError("'output_config' must be an object")
        prompt = Prompt(
            instructions=require_content(body, "system") if "system" in body else "",
            question=last_question(messages),
            temperature=read_number(body, "temperature", 1.0),
            tokens_max=int(read_number(body, "max_tokens", 256)),
            effort=read_effort(config, "effort"),
        )
        return Asked(
            model=require_text(body, "model"), prompt=prompt, stream=body.get("stream") is True
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        return {
            **_envelope(reply),
            "content": [{"type": "text", "text": reply.answer.text}],
            "stop_reason": _STOP_REASONS[reply.answer.finish_reason],
            "usage": {
                "input_tokens": reply.answer.tokens_in,
                "output_tokens": reply.answer.tokens_out,
            },
        }

    def opening(self, reply: Reply) -> Iterator[bytes]:
        usage = {"input_tokens": reply.answer.tokens_in, "output_tokens": 1}
        message = {**_envelope(reply), "content": [], "stop_reason": None, "usage": usage}
        yield _event("message_start", message=message)
        block = {"type": "text", "text": ""}
        yield _event("content_block_start", index=0, content_block=block)
        yield _event("ping")

    def piece(self, reply: Reply, text: str) -> bytes:
        _ = reply
        delta = {"type": "text_delta", "text": text}
        return _event("content_block_delta", index=0, delta=delta)

    def closing(self, reply: Reply, *, usage: bool) -> Iterator[bytes]:
        _ = usage  # this dialect always tells it
        yield _event("content_block_stop", index=0)
        stopped = {
            "stop_reason": _STOP_REASONS[reply.answer.finish_reason],
            "stop_sequence": None,
        }
        counted = {"output_tokens": reply.answer.tokens_out}
        yield _event("message_delta", delta=stopped, usage=counted)
        yield _event("message_stop")

    def models(self, names: Iterable[str]) -> dict[str, Any]:
        return {"data": [{"type": "model", "id": name} for name in names], "has_more": False}

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        kind = _TYPES.get(status, "invalid_request_error")
        return {
            "type": "error",
            "error": {"type": kind, "message": message},
            "request_id": request_id,
        }

    def rate_headers(self, meter: RateMeter, state: RateState) -> dict[str, str]:
        resets_at = datetime.now(UTC) + timedelta(seconds=state.resets_in_s)
        reset = resets_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "anthropic-ratelimit-requests-limit": str(meter.requests_max),
            "anthropic-ratelimit-requests-remaining": str(state.requests_left),
            "anthropic-ratelimit-requests-reset": reset,
            "anthropic-ratelimit-tokens-limit": str(meter.tokens_max),
            "anthropic-ratelimit-tokens-remaining": str(state.tokens_left),
            "anthropic-ratelimit-tokens-reset": reset,
        }


def _envelope(reply: Reply) -> dict[str, Any]:
    return {
        "id": f"msg_{reply.request_id}",
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "stop_sequence": None,
    }


def _event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
