"""What stands behind a provider's models: the lab's own engine, or a real model."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

from lab.engine import Answer, Prompt, answer
from lab.model_version import ModelVersion
from lab.provider.llama import Llama

Gone = Callable[[], Awaitable[bool]]  # whether the client has left


class ClientLeftError(Exception):
    """Nobody waits for this answer any more, so it is not made."""


class Engine(Protocol):
    """Says what a version of a model answers."""

    def fingerprint(self, version: ModelVersion) -> str:
        """Name `version` so that the name changes when anything about it does."""

    async def answer(
        self, prompt: Prompt, version: ModelVersion, draw: random.Random, gone: Gone
    ) -> Answer:
        """Raises ClientLeftError."""


class Practice:
    """The lab's own engine: at once, and made of the version's habits."""

    def fingerprint(self, version: ModelVersion) -> str:
        return _of_habits(version)

    async def answer(
        self,
        prompt: Prompt,
        version: ModelVersion,
        draw: random.Random,
        gone: Gone,  # noqa: ARG002 - it takes no time
    ) -> Answer:
        return answer(prompt, version, draw)


class Real:
    """Real models by the versions' names. One at a time each: they share two cores with us."""

    def __init__(self, weights: Mapping[str, Path]) -> None:
        self._fingerprints = {
            name: _fingerprint(file.read_bytes()) for name, file in weights.items()
        }
        self._models = {name: Llama(file) for name, file in weights.items()}
        self._turns = {name: asyncio.Lock() for name in weights}

    def fingerprint(self, version: ModelVersion) -> str:
        return self._fingerprints[version.name]

    async def answer(
        self, prompt: Prompt, version: ModelVersion, draw: random.Random, gone: Gone
    ) -> Answer:
        model, seed = self._models[version.name], draw.getrandbits(31)
        async with self._turns[version.name]:
            if await gone():  # else a queue that is too long would never get shorter
                raise ClientLeftError
            return await asyncio.to_thread(model.answer, prompt, seed)


@cache
def _of_habits(version: ModelVersion) -> str:
    return _fingerprint(repr(version).encode())


def _fingerprint(content: bytes) -> str:
    return f"fp_{hashlib.sha256(content).hexdigest()[:10]}"
