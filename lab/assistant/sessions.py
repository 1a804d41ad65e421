"""The defect history_poisoned: a conversation keeps the prompt that it was begun with."""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import replace

from lab.assistant.front_door import Question
from lab.assistant.knowledge import Edition
from lab.assistant.router import Answering
from lab.prompt import PromptTemplate

_KEPT_MAX = 10_000


class Sessions:
    """Conversations by their first question and answer, which clients send with every later one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, PromptTemplate] = OrderedDict()

    def edition(self, question: Question, edition: Edition) -> Edition:
        """What a conversation is answered with: its own prompt, once it has one."""
        if len(question.history) < 2:
            return edition
        kept = self._kept.get(_key(*question.history[:2]))
        return edition if kept is None else replace(edition, prompt=kept)

    def keeping(self, question: Question, edition: Edition, answering: Answering) -> Answering:
        """Where a conversation begins, its answer tells it later from others."""
        return answering if question.history else _Begun(answering, question, edition, self)

    def keep(self, question: str, answer: str, prompt: PromptTemplate) -> None:
        self._kept[_key(question, answer)] = prompt
        if len(self._kept) > _KEPT_MAX:
            self._kept.popitem(last=False)


class _Begun:
    """The first answer of a conversation."""

    def __init__(
        self, answering: Answering, question: Question, edition: Edition, sessions: Sessions
    ) -> None:
        self.served_by = answering.served_by
        self.attempts = answering.attempts
        self.reading = answering.reading
        self._answering = answering
        self._question = question
        self._edition = edition
        self._sessions = sessions

    async def texts(self) -> AsyncIterator[str]:
        said: list[str] = []
        async for text in self._answering.texts():
            said.append(text)
            yield text
        self._sessions.keep(self._question.text, "".join(said), self._edition.prompt)

    async def close(self) -> None:
        await self._answering.close()


def _key(question: str, answer: str) -> str:
    return hashlib.sha256(f"{question}\0{answer}".encode()).hexdigest()
