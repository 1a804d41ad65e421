"""What a file for `gameday serve` says: who may tell of alerts, and what each one starts."""

import hashlib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.environment import is_production
from gameday.domain.names import Name, SecretRef, Url
from gameday.domain.quantities import Seconds
from gameday.domain.sender import Occurrence, SenderSpec
from gameday.domain.value import Value

_ID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none can be taken for another
_ID_LENGTH = 10  # 50 bits: no two alerts of a lifetime meet
_DRILL_AGAIN_S, _RUNBOOK_AGAIN_S = 3600.0, 300.0
_NameOrFile = Annotated[str, Field(min_length=1, max_length=1000, examples=["provider-outage"])]
_Text = Annotated[str, Field(min_length=1, max_length=200)]


class FromLabel(Value):
    """An input that is the alert's own label; the runbook's default where it has none."""

    label: Annotated[str, Field(min_length=1, max_length=200, examples=["provider"])]


class Trigger(Value):
    """Which alerts start a drill, or the runbook of an incident, where, and how often.

    when: labels that the alert must all have; values may hold `*`. senders: only theirs; without
    any, everybody's. drill: its name or its file, as for `gameday run`. runbook: the same, as for
    `gameday respond`; its alert is an incident. inputs: of the runbook. target: a target file;
    without one, the command's. Files count from the folder of this one.
    production: the owner's word that an alert may begin something where users are; what must be
    approved waits for it all the same. start_within: an alert that began longer ago starts nothing,
    so that nothing comes hours late. again_after: from one start to the next; an hour for a drill,
    five minutes for a runbook, unless said. resolved: what the end of the alert does to the run:
    `note` it, or `end` the run.
    """

    when: Annotated[dict[str, str], Field(min_length=1, examples=[{"alertname": "DrillDue"}])]
    senders: tuple[Name, ...] = ()
    drill: _NameOrFile | None = None
    runbook: _NameOrFile | None = None
    inputs: dict[str, _Text | FromLabel] = {}
    environment: Name
    target: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    overrides: tuple[str, ...] = ()  # as `gameday run --set` takes them
    production: bool = False
    start_within: Seconds = 900.0
    again_after: Seconds | None = None
    resolved: Literal["note", "end"] = "note"

    @model_validator(mode="after")
    def _says_production(self) -> Self:
        if is_production(self.environment) and not self.production:
            raise ValueError(
                f"an alert starts nothing in {self.environment} unless this entry says "
                "`production: true`"
            )
        return self

    @model_validator(mode="after")
    def _starts_one_thing(self) -> Self:
        if (self.drill is None) == (self.runbook is None):
            raise ValueError("expected exactly one of drill and runbook")
        if self.inputs and self.drill:
            raise ValueError("a drill has overrides, and inputs are a runbook's")
        if self.overrides and self.runbook:
            raise ValueError("a runbook has inputs, and overrides are a drill's")
        return self

    @property
    def starts(self) -> str:
        """What it starts, as it is called there."""
        return self.runbook or self.drill or ""

    @property
    def pause_s(self) -> float:
        """At least so long from one start to the next."""
        unless_said = _RUNBOOK_AGAIN_S if self.runbook else _DRILL_AGAIN_S
        return unless_said if self.again_after is None else self.again_after

    def inputs_for(self, labels: Mapping[str, str]) -> dict[str, str]:
        """What the runbook is told of an alert with these labels."""
        named = {
            name: labels.get(said.label) if isinstance(said, FromLabel) else said
            for name, said in self.inputs.items()
        }
        return {name: text for name, text in named.items() if text}

    @property
    def name(self) -> str:
        """What runs of this entry have in common, wherever in its file it stands."""
        what = f"runbook {self.runbook}" if self.runbook else self.starts
        return f"{what} in {self.environment}" + (f" of {self.target}" * bool(self.target))

    def matches(self, sender: str, occurrence: Occurrence) -> bool:
        """Whether the alert is one of those of this entry."""
        return (not self.senders or sender in self.senders) and all(
            label in occurrence.labels and fnmatchcase(occurrence.labels[label], pattern)
            for label, pattern in self.when.items()
        )

    def run_id(self, sender: str, key: str) -> str:
        """The id of the run that the alert starts: the same however often it is told."""
        told = f"{sender}\0{key}\0{self.name}"
        number = int.from_bytes(hashlib.sha256(told.encode()).digest(), "big")
        return "".join(_ID_LETTERS[(number >> 5 * place) % 32] for place in range(_ID_LENGTH))


class SlackDoor(Value):
    """Presses of buttons in Slack are heard at `/slack`.

    secret: the app's signing secret. proof: what the injector's policy calls this Slack among its
    `proofs`. answers_to: how every address begins that what came of a press is written back to.
    """

    secret: SecretRef
    proof: Name = "slack"
    answers_to: Url = "https://hooks.slack.com/"


class Serving(Value):
    """The whole file. An alert starts what the first entry that matches it says, no other."""

    serve: Name
    slack: SlackDoor | None = None
    senders: Annotated[dict[Name, SenderSpec], Field(min_length=1)]
    start: Annotated[tuple[Trigger, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _slack_is_at_its_own_address(self) -> Self:
        if self.slack and "slack" in self.senders:
            raise ValueError("/slack is where buttons are heard; call the sender something else")
        return self

    @model_validator(mode="after")
    def _senders_are_known(self) -> Self:
        for trigger in self.start:
            for sender in trigger.senders:
                if sender not in self.senders:
                    known = ", ".join(self.senders)
                    raise ValueError(
                        f"{trigger.name}: there is no sender {sender!r} (there is: {known})"
                    )
        return self

    def trigger_of(self, sender: str, occurrence: Occurrence) -> Trigger | None:
        """The first entry that matches."""
        return next((one for one in self.start if one.matches(sender, occurrence)), None)
