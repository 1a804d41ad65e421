"""Asks an OpenAI-compatible provider and reads its stream."""

import json
from typing import Any

from lab.assistant.dialect import DECLINED, Ask, MalformedError, Reading

_DATA = "data: "


class OpenAIDialect:
    path = "/v1/chat/completions"

    def headers(self) -> dict[str, str]:
        return {}

    def body(self, ask: Ask, model: str) -> dict[str, Any]:
        return {
            "model": model,
            "messages": [
                {"role": "system", "content": ask.instructions},
                {"role": "user", "content": ask.question},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def read(self, line: str, reading: Reading) -> str:
        if not line.startswith(_DATA):
            return ""
        data = line.removeprefix(_DATA)
        if data == "[DONE]":
            reading.whole = reading.finish_reason is not None
            return ""
        try:
            return self._read_chunk(json.loads(data), reading)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise MalformedError(f"no chunk of this dialect: {data[:80]!r}") from error

    def _read_chunk(self, chunk: dict[str, Any], reading: Reading) -> str:
        reading.model = chunk["model"]
        reading.fingerprint = chunk.get("system_fingerprint")
        if usage := chunk.get("usage"):
            reading.tokens_in = usage["prompt_tokens"]
            reading.tokens_out = usage["completion_tokens"]
            reading.cost_usd = usage.get("cost")
        if not chunk["choices"]:
            return ""
        choice = chunk["choices"][0]
        delta = choice["delta"]
        refusal = delta.get("refusal") or ""
        reading.refused = reading.refused or bool(refusal)
        reason = choice["finish_reason"] or reading.finish_reason
        # This dialect ends a refusal with `stop`; who reads ours should not have to guess.
        reading.finish_reason = DECLINED if reason and reading.refused else reason
        return refusal or delta.get("content") or ""
