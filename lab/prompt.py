"""The assistant's prompt, versioned: one file for each version in lab/prompts/."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab.retrieval import Passage

_FOLDER = Path(__file__).parent / "prompts"
CURRENT = "support-v3"


@dataclass(frozen=True)
class PromptTemplate:
    """One version of the prompt."""

    version: str
    text: str

    def fill(self, passages: Iterable[Passage]) -> str:
        return self.text.replace("{context}\n", "\n".join(str(passage) for passage in passages))


def read_prompt(version: str = CURRENT) -> PromptTemplate:
    return PromptTemplate(version, (_FOLDER / f"{version}.txt").read_text(encoding="utf-8"))
