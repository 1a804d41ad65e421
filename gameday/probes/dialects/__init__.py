"""How a front door is asked and how its answers are read: one file for each dialect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gameday.probes.answer import Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it goes into a request."""

    question: str
    request_id: str
    stream: bool


class Dialect(Protocol):
    """Knows the shape of requests and answers; keeps nothing of any one of them."""

    @property
    def path(self) -> str:
        """Where to ask, below the front door's address."""

    def headers(self, key: str | None) -> dict[str, str]:
        """What the dialect itself needs. key: a secret, None where the door wants none."""

    def body(self, asked: Asked) -> Mapping[str, Any]:
        """The JSON document that asks."""

    def take_event(self, answer: Answer, name: bytes, data: bytes) -> bool:
        """Take one stream event; True when it brought content."""

    def take_body(self, answer: Answer, body: bytes) -> None:
        """Take a whole, unstreamed answer."""
