"""How it is known who says something: the contract of one proof.

One file in gameday/identity/ holds one subclass of Proof. Its kind is its file name, its settings
are its fields.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime

from gameday.domain.drill import Extensible
from gameday.domain.errors import RefusedError
from gameday.domain.statement import Statement
from gameday.domain.value import Value

FRESH_S = 300.0  # between the moment that a proof names and now


class ProofSpec(Extensible):
    """One proof as a policy states it; further keys are its kind's own settings."""


class NotProvenError(RefusedError):
    """Nothing shows who has said it."""


class Shown(Value):
    """Whom a proof shows, by all the texts that he may be known by, and when it was made."""

    known_as: tuple[str, ...]
    at: AwareDatetime


@dataclass(frozen=True)
class Place:
    """Where and when a proof is looked at. folder: that of the policy, where its files are."""

    folder: Path
    now: datetime


class Proof(Value, ABC):
    """One way to know a person."""

    @abstractmethod
    def why_not_known_as(self, text: str) -> str:
        """Why nobody can be known by `text`, in a few words; '' when somebody can."""

    @abstractmethod
    async def shown(self, given: Mapping[str, str], statement: Statement, place: Place) -> Shown:
        """Whom it shows to have said exactly `statement`. Raises NotProvenError."""


def require_fresh(at: datetime, now: datetime) -> None:
    """Raise NotProvenError for a proof of another moment: a copy that somebody kept, say."""
    apart_s = abs((now - at).total_seconds())
    if apart_s > FRESH_S:
        raise NotProvenError(
            f"it was made {apart_s:.0f} s from now, over {FRESH_S:g} s: a copy, or a clock",
            next_step="say it again; if that is refused too, look at both clocks",
        )
