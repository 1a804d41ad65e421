"""The fault `corrupt_tokens`: words of another script stand in an answer."""

import re
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from gameday.domain.wire import Hit
from gameday.faults._documents import DocumentFault
from gameday.faults._silent import SilentFault


class Script(StrEnum):
    """Which letters the model slips into."""

    THAI = "thai"
    CHINESE = "chinese"


_WORDS = {
    Script.THAI: ("สวัสดี", "ครับ", "และ", "ที่"),
    Script.CHINESE: ("可以", "因为", "我们", "架构"),
}
_WORD = re.compile(r"\S+")


class CorruptTokens(DocumentFault, SilentFault):
    """Put words of another script into the provider's answers.

    On the wire: a word of `script` stands behind the first word of an answer, and behind each
    further one with the chance of `rate`. Status, timing, token counts and the finish reason are
    as they were. `share` says how many answers are garbled; in the incidents they were few.

    In reports: good answers that the gate has garbled, by their ids. No answer's text is kept, so
    it takes a scorer such as `language`, `contains` or `regex` in the suite to see the damage.

    Source: Anthropic's report of 17 September 2025: a misconfigured server gave high odds to
    tokens that hardly ever fit, so that Thai or Chinese stood in answers to English questions;
    anthropics/claude-code#77051, MiniMax-AI/MiniMax-M2#110 and openai/codex#10836: the same seen
    by users.
    """

    legend: ClassVar[str] = "garbled answers"

    script: Script = Script.THAI
    rate: Annotated[float, Field(ge=0, le=1)] = 0.2

    def change(self, hit: Hit, document: dict[str, Any]) -> bool:
        begins = hit.tokens == 0

        def garbled(found: re.Match[str]) -> str:
            first = begins and not found.string[: found.start()].strip()
            return found[0] + (self._word(hit) if first or hit.draw() < self.rate else "")

        return hit.dialect.rewrite_text(document, lambda text: _WORD.sub(garbled, text))

    def _word(self, hit: Hit) -> str:
        words = _WORDS[self.script]
        return words[int(hit.draw() * len(words))]
