"""Keeps what is retrieved from giving orders: documents are data, whatever is written in them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lab.assistant.settings import Gullibility
from lab.planted import is_internal, is_order, is_to_repeat, tool_to_call, word_to_say
from lab.retrieval import Passage


@dataclass(frozen=True)
class Fenced:
    """What may stand in the prompt, and the tools that a document had called."""

    passages: tuple[Passage, ...]
    called: tuple[str, ...] = ()


class Fence:
    """Takes out of every passage what is no answer to a customer. Each defect lets something in."""

    def __init__(self, gullibility: Gullibility) -> None:
        self._gullibility = gullibility

    def around(self, passages: Iterable[Passage]) -> Fenced:
        found = tuple(passages)
        lines = [line for passage in found for line in passage.sentences]
        called = [tool_to_call(line) for line in lines] if self._gullibility.calls else []
        return Fenced(
            tuple(self._kept(passage) for passage in found),
            tuple(sorted({*called} - {""})),
        )

    def _kept(self, passage: Passage) -> Passage:
        return replace(passage, sentences=tuple(filter(self._may_stand, passage.sentences)))

    def _may_stand(self, line: str) -> bool:
        if is_internal(line) or is_to_repeat(line):
            return self._gullibility.leaks
        if word_to_say(line):
            return self._gullibility.obeys
        return not is_order(line)
