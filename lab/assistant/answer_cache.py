"""The defect cached_answers: who asks what was asked before gets the answer of then."""

import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from gameday.domain.sample import Attempt
from lab.assistant.dialect import Reading
from lab.assistant.router import Answering


@dataclass(frozen=True)
class Kept:
    """One whole answer, and until when it is given again."""

    texts: tuple[str, ...]
    reading: Reading
    served_by: str
    attempts: tuple[Attempt, ...]
    until_s: float


class AnswerCache:
    """Whole answers by question. It neither knows nor asks which model would answer today."""

    def __init__(self, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._clock = clock
        self._kept: dict[str, Kept] = {}
        self._lots = random.Random(kept_s)

    def get(self, question: str) -> "Again | None":
        kept = self._kept.get(question)
        return Again(kept) if kept and self._clock() < kept.until_s else None

    def keep(self, question: str, answering: Answering, texts: list[str]) -> None:
        """Keep a whole answer. Not all equally long, so that they do not all end at once."""
        self._kept[question] = Kept(
            texts=tuple(texts),
            reading=replace(answering.reading),
            served_by=answering.served_by,
            attempts=tuple(answering.attempts),
            until_s=self._clock() + self._kept_s * self._lots.uniform(0.1, 1.9),
        )

    def keeping(self, question: str, answering: Answering) -> "Keeping":
        return Keeping(answering, question, self)


class Again:
    """An answer of before, told as it was told then."""

    def __init__(self, kept: Kept) -> None:
        self.served_by = kept.served_by
        self.attempts = list(kept.attempts)
        self.reading = replace(kept.reading)
        self._kept = kept

    async def texts(self) -> AsyncIterator[str]:
        for text in self._kept.texts:
            yield text

    async def close(self) -> None:
        """Nothing was opened."""


class Keeping:
    """An answer that is kept when it has come to its end."""

    def __init__(self, answering: Answering, question: str, cache: AnswerCache) -> None:
        self.served_by = answering.served_by
        self.attempts = answering.attempts
        self.reading = answering.reading
        self._answering = answering
        self._question = question
        self._cache = cache

    async def texts(self) -> AsyncIterator[str]:
        said: list[str] = []
        async for text in self._answering.texts():
            said.append(text)
            yield text
        self._cache.keep(self._question, self._answering, said)

    async def close(self) -> None:
        await self._answering.close()
