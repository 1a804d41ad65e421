"""Asks a provider of the Anthropic dialect and reads its stream."""

import json
from typing import Any

from lab.assistant.dialect import DECLINED, Ask, MalformedError, Reading

_DATA = "data: "
_FINISH_REASONS = {"end_turn": "stop", "max_tokens": "length", "refusal": DECLINED}


class AnthropicDialect:
    path = "/v1/messages"

    def headers(self) -> dict[str, str]:
        return {"anthropic-version": "2023-06-01"}

    def body(self, ask: Ask, model: str) -> dict[str, Any]:
        return {
            "model": model,
            "max_tokens": 256,
            "system": ask.instructions,
            "messages": [{"role": "user", "content": ask.question}],
            "stream": True,
        }

    def read(self, line: str, reading: Reading) -> str:
        if not line.startswith(_DATA):
            return ""
        data = line.removeprefix(_DATA)
        try:
            return self._read_event(json.loads(data), reading)
        except (ValueError, KeyError, TypeError) as error:
            raise MalformedError(f"no event of this dialect: {data[:80]!r}") from error

    def _read_event(self, event: dict[str, Any], reading: Reading) -> str:
        match event["type"]:
            case "message_start":
                reading.model = event["message"]["model"]
                reading.tokens_in = event["message"]["usage"]["input_tokens"]
            case "content_block_delta":
                return str(event["delta"]["text"])
            case "message_delta":
                reason = event["delta"]["stop_reason"]
                reading.finish_reason = _FINISH_REASONS.get(reason, "stop")
                reading.tokens_out = event["usage"]["output_tokens"]
            case "message_stop":
                reading.whole = reading.finish_reason is not None
            case "error":
                raise MalformedError(f"the provider reports {event['error']['type']}")
        return ""
