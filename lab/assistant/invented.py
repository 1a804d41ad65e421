"""The defect lies_about_server: an answer of our own under the name of a provider not asked."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence

from gameday.domain.sample import Attempt, Outcome
from lab.assistant.dialect import Ask, Reading
from lab.assistant.settings import Upstream
from lab.engine import Prompt, answer
from lab.model_version import MARLIN

_PRETENDED_S = 0.1


class Invented:
    """Says that `pretended` served, while it quotes the passages that were retrieved."""

    def __init__(self, ask: Ask, pretended: Upstream, failed: Sequence[Attempt]) -> None:
        prompt = Prompt(ask.instructions, ask.question, temperature=0.0)
        self._answer = answer(prompt, MARLIN, random.Random(0))
        self.served_by = pretended.name
        said = Attempt(provider=pretended.name, outcome=Outcome.OK, elapsed_ms=_PRETENDED_S * 1000)
        self.attempts = [*failed, said]
        self.reading = Reading(
            model=pretended.model,
            tokens_in=self._answer.tokens_in,
            tokens_out=self._answer.tokens_out,
            finish_reason="stop",
            whole=True,
        )

    async def texts(self) -> AsyncIterator[str]:
        await asyncio.sleep(_PRETENDED_S)
        yield self._answer.text

    async def close(self) -> None:
        """Nothing was opened."""
