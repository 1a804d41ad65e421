"""A real model in the provider's own process, by llama.cpp."""

import json
from pathlib import Path
from typing import Any

from lab.engine import Answer, Prompt

_CONTEXT_TOKENS = 2048
_ANSWER_TOKENS_MAX = 10  # it would ramble on, and the others wait


class Llama:
    """One file of weights, loaded. Needs the extra `lab-llm`."""

    def __init__(self, weights: Path) -> None:
        import xllamacpp  # noqa: PLC0415 - it comes with the extra

        wanted = xllamacpp.CommonParams()
        wanted.model.path = str(weights)
        wanted.n_ctx = _CONTEXT_TOKENS
        wanted.n_parallel = 1
        # Two threads on cores that others use too are slower than one: each waits for the other.
        wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
        wanted.verbosity = -1
        self._server = xllamacpp.Server(wanted)

    def answer(self, prompt: Prompt, seed: int) -> Answer:
        """Answer `prompt`. Takes as long as it takes; not for two threads at once."""
        chunks: list[dict[str, Any]] = []

        def take(chunk: str) -> bool:
            chunks.append(json.loads(chunk))
            return False  # go on

        self._server.handle_chat_completions(json.dumps(_request(prompt, seed)), take)
        choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
        texts = [choice["delta"].get("content") for choice in choices]
        return Answer(
            pieces=tuple(text for text in texts if text),
            tokens_in=chunks[-1]["usage"]["prompt_tokens"],
            finish_reason=choices[-1]["finish_reason"],
        )


def _request(prompt: Prompt, seed: int) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "system", "content": prompt.instructions},
            {"role": "user", "content": prompt.question},
        ],
        "temperature": prompt.temperature,
        "max_tokens": min(prompt.tokens_max, _ANSWER_TOKENS_MAX),
        "seed": seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
