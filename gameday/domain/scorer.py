"""The contract of a scorer. One file in gameday/scorers/ holds one subclass."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from msgspec import Struct

from gameday.domain.value import Value


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool that an answer asks for."""

    name: str
    arguments: str = "{}"  # JSON, as the model wrote it


class ModelError(Exception):
    """A model that scores answers did not, and why; never a score."""


class Models(Protocol):
    """The models that the scorers of a suite may ask. Each method raises ModelError."""

    def judge(self, prompt: str) -> str:
        """What the judge replies."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text."""


class Answered(Struct, frozen=True):
    """One whole answer, and what the front door tells beside its text.

    None means that nobody tells: a front door without tool calls in its answers is not one whose
    model called no tool. A scorer that needs what is None cannot tell.
    """

    text: str
    finish_reason: str | None = None
    tool_calls: tuple[ToolCall, ...] | None = None
    sources: tuple[str, ...] | None = None  # ids or titles of the documents that it was given
    latency_ms: float | None = None
    cost_usd: float | None = None
    question: str = ""  # that it answers
    models: Models | None = None


class Scorer(Value, ABC):
    """Scores one answer of one case. Its settings are its fields; its kind is its file name."""

    needs_model: ClassVar[Literal["", "judge", "embedding"]] = ""  # of the suite; it takes its time

    @abstractmethod
    def score(self, answered: Answered) -> float | None:
        """0.0 (wrong) to 1.0 (right); None when it cannot tell, which is never a guess at 0."""


class TextScorer(Scorer, ABC):
    """A scorer that the text alone is enough for."""

    @abstractmethod
    def score_text(self, text: str) -> float | None:
        """Like `score`."""

    def score(self, answered: Answered) -> float | None:
        return self.score_text(answered.text)
