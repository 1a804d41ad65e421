"""What a dialect of a front door can do, and which one a front door speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from gameday.probes.answer import Answer
from gameday.probes.head import Head


class Turn(NamedTuple):
    """What was said before, by whom: `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it goes into a request."""

    question: str
    request_id: str
    stream: bool
    conversation_id: str = ""
    turn: int = 0
    history: tuple[Turn, ...] = ()
    key: str | None = field(default=None, repr=False)  # a secret; None where none is wanted

    def messages(self) -> list[dict[str, str]]:
        """The conversation up to this question, as model APIs write it."""
        before = [{"role": turn.role, "content": turn.content} for turn in self.history]
        return [*before, {"role": "user", "content": self.question}]


class Wanted(NamedTuple):
    """A request before it is bytes; `document` is None where it has no body."""

    path: str  # below the front door's address, with its query
    headers: Mapping[str, str]
    document: dict[str, Any] | None
    method: str = "POST"
    encoding: Literal["json", "form"] = "json"


class Dialect(Protocol):
    """Knows the shape of requests and answers; keeps nothing of any one of them."""

    def ask(self, asked: Asked) -> Wanted:
        """The request that asks."""

    def take_event(self, answer: Answer, name: bytes, data: bytes) -> bool:
        """Take one stream event; True when it brought content."""

    def take_body(self, answer: Answer, body: bytes) -> None:
        """Take a whole, unstreamed answer."""

    def take_head(self, answer: Answer, headers: Head) -> None:
        """Take the headers of an answer."""

    def take_end(self, answer: Answer) -> None:
        """A stream has come to the end that its framing says."""
