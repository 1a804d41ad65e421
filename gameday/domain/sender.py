"""What tells of alerts by webhook, and the contract of what believes and reads one sender's.

One file in gameday/serve/senders/ holds one subclass of Sender. Its kind is its file name, its
settings are its fields.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from gameday.domain.drill import Extensible
from gameday.domain.names import SecretRef
from gameday.domain.value import Value


class SenderSpec(Extensible):
    """One sender as a file states it; further keys are its kind's own settings."""


@dataclass(frozen=True)
class Delivery:
    """One request as it came. headers: by their names in small letters."""

    headers: Mapping[str, str]
    body: bytes
    at: datetime


class Occurrence(Value):
    """One alert that began once, or its end.

    key: the same for every delivery that tells of it, and of no other one of this sender.
    began_at: when the sender says that it began; of an end, when the sender says that it came.
    """

    key: str
    firing: bool  # else it is resolved
    began_at: AwareDatetime
    labels: dict[str, str]

    @property
    def called(self) -> str:
        """What people call it."""
        named = self.labels.get("alertname") or self.labels.get("title")
        return named or "an alert without a name"


class Sender(Value, ABC):
    """How one sender proves that a delivery is its own, and what its deliveries say."""

    secret: SecretRef

    def why_no_secret(self, secret: str) -> str:  # noqa: ARG002 - most take any text
        """Why `secret` cannot be this sender's, in a few words; '' when it can."""
        return ""

    @abstractmethod
    def objection(self, delivery: Delivery, secret: str) -> str:
        """Why the delivery is not believed, in one sentence; '' when it is."""

    @abstractmethod
    def read(self, body: Any) -> tuple[Occurrence, ...]:
        """What the parsed body tells; nothing where it tells of no alert's beginning or end.

        Raises KeyError, TypeError, AttributeError or ValueError for what is not this sender's form.
        """
