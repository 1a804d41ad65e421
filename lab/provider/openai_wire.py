"""The OpenAI dialect: POST /v1/chat/completions, as JSON or as server-sent events."""

import json
from collections.abc import Iterable, Iterator, Mapping
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
    require_messages,
    require_text,
)

_TYPES = {404: ("invalid_request_error", "model_not_found"), 429: ("tokens", "rate_limit_exceeded")}


class OpenAIWire:
    path = "/v1/chat/completions"
    request_id_header = "x-request-id"

    def read(self, body: Mapping[str, Any]) -> Asked:
        messages = require_messages(body)
        seed = body.get("seed")
        if seed is not None and not isinstance(seed, int):
            raise BadRequestError("'seed' must be an integer")
        options = body.get("stream_options") or {}
        system = (text for role, text in messages if role in ("system", "developer"))
        limit = read_number(body, "max_tokens", 256)  # its older name
        prompt = Prompt(
            instructions="\n".join(system),
            question=last_question(messages),
            temperature=read_number(body, "temperature", 1.0),
            tokens_max=int(read_number(body, "max_completion_tokens", limit)),
            effort=read_effort(body, "reasoning_effort"),
        )
        return Asked(
            model=require_text(body, "model"),
            prompt=prompt,
            stream=body.get("stream") is True,
            seed=seed,
            usage_in_stream=bool(options.get("include_usage")),
        )

    def whole(self, reply: Reply) -> dict[str, Any]:
        message = {"role": "assistant", "content": reply.answer.text, "refusal": None}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": reply.answer.finish_reason,
        }
        return {
            **_envelope(reply, "chat.completion"),
            "choices": [choice],
            "usage": _usage(reply),
        }

    def opening(self, reply: Reply) -> Iterator[bytes]:
        yield _chunk(reply, {"role": "assistant", "content": ""})

    def piece(self, reply: Reply, text: str) -> bytes:
        return _chunk(reply, {"content": text})

    def closing(self, reply: Reply, *, usage: bool) -> Iterator[bytes]:
        yield _chunk(reply, {}, finish_reason=reply.answer.finish_reason)
        if usage:
            envelope = _envelope(reply, "chat.completion.chunk")
            yield _event({**envelope, "choices": [], "usage": _usage(reply)})
        yield b"data: [DONE]\n\n"

    def models(self, names: Iterable[str]) -> dict[str, Any]:
        return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}

    def error(self, status: int, message: str, request_id: str) -> dict[str, Any]:
        _ = request_id  # this dialect tells it in the header alone
        kind, code = _TYPES.get(status, ("invalid_request_error", None))
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}

    def rate_headers(self, meter: RateMeter, state: RateState) -> dict[str, str]:
        reset = f"{state.resets_in_s:.3f}s"
        return {
            "x-ratelimit-limit-requests": str(meter.requests_max),
            "x-ratelimit-remaining-requests": str(state.requests_left),
            "x-ratelimit-reset-requests": reset,
            "x-ratelimit-limit-tokens": str(meter.tokens_max),
            "x-ratelimit-remaining-tokens": str(state.tokens_left),
            "x-ratelimit-reset-tokens": reset,
        }


def _envelope(reply: Reply, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{reply.request_id}",
        "object": kind,
        "created": reply.created,
        "model": reply.model,
        "system_fingerprint": reply.fingerprint,
    }


def _usage(reply: Reply) -> dict[str, float]:
    tokens_in, tokens_out = reply.answer.tokens_in, reply.answer.tokens_out
    cost = {} if reply.cost_usd is None else {"cost": reply.cost_usd}
    return {
        **cost,
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
    }


def _chunk(reply: Reply, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _event({**_envelope(reply, "chat.completion.chunk"), "choices": [choice]})


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
