"""What the assistant must know of a provider's dialect: how to ask, and how to read a stream."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

DECLINED = "content_filter"  # the finish reason of an answer that refuses to answer


class MalformedError(Exception):
    """The provider sent what its dialect does not allow."""


@dataclass(frozen=True)
class Ask:
    """One question with its filled prompt, ready for any provider."""

    instructions: str
    question: str
    request_id: str
    marks: Mapping[str, str] = field(default_factory=dict)  # headers of the client's, handed on
    # By provider, where it is asked for another model than its own.
    models: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Reading:
    """What a stream has told so far, beside its text."""

    asked_for: str = ""  # the model, by the name that the provider was asked for
    model: str = ""  # as the provider calls it
    fingerprint: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = None  # what the provider says that it bills
    finish_reason: str | None = None
    refused: bool = False  # what it said is a refusal
    called: tuple[str, ...] = ()  # tools, which the client is told of
    whole: bool = False  # the stream came to the end that its dialect prescribes


class Dialect(Protocol):
    path: str

    def headers(self) -> Mapping[str, str]: ...

    def body(self, ask: Ask, model: str) -> dict[str, Any]: ...

    def read(self, line: str, reading: Reading) -> str:
        """Take in one line of the stream; its text, or ''. Raises MalformedError."""
