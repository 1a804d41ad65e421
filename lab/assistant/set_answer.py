"""An answer that no model gives: the assistant's own sentence."""

from collections.abc import AsyncIterator

from gameday.domain.sample import Attempt
from lab.assistant.dialect import Reading

OWN_NAME = "assistant"  # who served, as the front door tells it


class SetAnswer:
    """Says one sentence, and that nobody else was asked."""

    def __init__(self, text: str) -> None:
        self.served_by = OWN_NAME
        self.attempts: list[Attempt] = []
        self.reading = Reading(model=OWN_NAME, cost_usd=0.0, finish_reason="stop", whole=True)
        self._text = text

    async def texts(self) -> AsyncIterator[str]:
        yield self._text

    async def close(self) -> None:
        """Nothing was opened."""
