"""What a person says to the injector: yes or no to one exact plan, an answer, or a start."""

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from gameday.domain.value import Value

ALERT = "alert:"  # how `asked_by` begins where an alert has asked for a run, and no person
_FORM = b"gameday statement v1\n"  # so that what is signed here can be taken for nothing else

Text = Annotated[str, Field(max_length=300)]


class Says(StrEnum):
    """What is said."""

    APPROVE = "approve"
    DENY = "deny"
    ANSWER = "answer"  # to a question that a runbook asks
    START = "start"


class Statement(Value):
    """One sentence of one person, bound to what exactly it is about.

    digest: sha256 of the exact plan, proposal or question. run_id: the run that it is for; without
    one, for any run of that very plan. answer: the choice, where it says `answer`. asked_by: whom
    a start is made for: an alert (`alert:...`), where a program says it for one; else oneself.
    """

    says: Says
    digest: Annotated[str, Field(min_length=1, max_length=200)]
    run_id: Text = ""
    answer: Text = ""
    asked_by: Text = ""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.says is Says.ANSWER) != bool(self.answer):
            raise ValueError("answer belongs to `says: answer`, which needs one")
        if self.asked_by and self.says is not Says.START:
            raise ValueError("asked_by belongs to `says: start`")
        return self

    def signed_at(self, at: datetime) -> bytes:
        """What a key signs: the statement and the moment, in one spelling."""
        said = {"statement": self.model_dump(mode="json"), "at": at.isoformat()}
        return _FORM + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def run_digest(mode: str, target: str, environment: str, runbook_digest: str) -> str:
    """What a start of a runbook's run is bound to: which file, in earnest or not, and where."""
    parts = [mode, target, environment, runbook_digest]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Word(Value):
    """A statement as the injector holds it: who has said it, how that is known, and when.

    known_by: which of the policy's proofs showed it; '' where a name was believed as it was given.
    proof: sha256 of the proof itself, so that one proof speaks once.
    """

    statement: Statement
    by: Annotated[str, Field(min_length=1, max_length=200)]
    known_by: str = ""
    at: AwareDatetime
    proof: str = ""

    @property
    def place(self) -> tuple[str, str, bool]:
        """A later word of the same person on the same matter takes its place."""
        return self.statement.run_id, self.by, self.statement.says is Says.START

    @property
    def how(self) -> str:
        """How it is known who has said it, in a few words."""
        return f"known by {self.known_by}" if self.known_by else "known by name only"


class Given(Value):
    """What somebody gives to be believed. proof: which of the policy's proofs it is meant for."""

    proof: str
    fields: dict[str, Annotated[str, Field(max_length=60_000)]]

    @property
    def sha256(self) -> str:
        """The same for the same proof, however its fields are ordered."""
        return hashlib.sha256(json.dumps(self.fields, sort_keys=True).encode()).hexdigest()


class Heard(Value):
    """What the injector has heard about one digest, as its policy counts it.

    approved_by: different people, without whoever asked for the run. answers: person -> choice.
    """

    digest: str
    approved_by: tuple[str, ...] = ()
    denied_by: str = ""
    answers: dict[str, str] = {}
    words: tuple[Word, ...] = ()
    by_name_only: bool = False
