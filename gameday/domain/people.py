"""The people of a policy: who they are, what each may do, and whose word counts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.names import Name
from gameday.domain.statement import ALERT, Says, Word
from gameday.domain.value import Value

PersonName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,62}$", examples=["dana"])]
START = "who may start"  # in each sentence that a missing start is refused with


class Role(StrEnum):
    """What a person may do. Everyone may stop."""

    VIEW = "view"
    START = "start"
    APPROVE = "approve"


class Person(Value):
    """One person. known_by: for each proof, what it shows, e.g. a public key or a Slack user.

    service: a program with a key of its own, such as `gameday serve`, which may start runs for
    alerts, and never approves.
    """

    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    known_by: Annotated[
        dict[Name, Annotated[str, Field(min_length=1, max_length=1000)]],
        Field(min_length=1, examples=[{"slack": "U012AB3CD"}]),
    ]
    service: bool = False

    @model_validator(mode="after")
    def _a_program_approves_nothing(self) -> Self:
        if self.service and Role.APPROVE in self.roles:
            raise ValueError("a service approves nothing; expected roles without approve")
        return self


People = Mapping[str, Person]


def may(people: People, name: str, role: Role) -> bool:
    """Whether the policy gives that person this role now."""
    return name in people and role in people[name].roles


def name_shown(people: People, proof: str, known_as: Iterable[str]) -> str:
    """Who is known by one of these texts; '' where nobody is, or more than one."""
    texts = set(known_as)
    found = [name for name, person in people.items() if person.known_by.get(proof) in texts]
    return found[0] if len(found) == 1 else ""


def why_not_apart(people: People) -> str:
    """Which two people nothing could tell apart, in one sentence; '' when all can."""
    seen: dict[tuple[str, str], str] = {}
    for name, person in people.items():
        for known in person.known_by.items():
            if known in seen:
                return f"{seen[known]} and {name} are both known by the same {known[0]}"
            seen[known] = name
    return ""


def votes(people: People, words: Iterable[Word], run_id: str) -> list[Word]:
    """What those say who may, of this run's plan. Without people, every name is believed.

    A word for another run is none for this one. What a person said before a role was taken away
    counts no more.
    """
    return [
        word
        for word in words
        if word.statement.says is not Says.START
        and word.statement.run_id in {"", run_id}
        and (not people or (word.known_by and may(people, word.by, Role.APPROVE)))
    ]


def approved_by(
    said: Iterable[Word], *, asked_by: str, now: datetime, within_s: float
) -> tuple[str, ...]:
    """The different people of these votes whose yes counts. Whoever asks is no second person."""
    return tuple(
        sorted(
            {
                word.by
                for word in said
                if word.statement.says is Says.APPROVE
                and word.by != asked_by
                and (now - word.at).total_seconds() <= within_s
            }
        )
    )


def denied_by(said: Iterable[Word]) -> str:
    """One of those whose last word is no; '' where nobody's is."""
    return next((word.by for word in said if word.statement.says is Says.DENY), "")


def why_not_started(
    people: People, words: Iterable[Word], *, run_id: str, asked_by: str, alerts: bool
) -> str:
    """Why nobody who may start has started this run, in one sentence; '' when somebody has.

    words: what was said of the digest that a start of it is bound to. alerts: whether the policy
    lets an alert ask for this. Without people a name is believed.
    """
    if not people:
        return ""
    for_alert = asked_by.startswith(ALERT)
    if for_alert and not alerts:
        return (
            f"run {run_id} was asked for by an alert, and the policy's rule says no `alerts: true`"
        )
    for word in words:
        said = word.statement
        if said.says is Says.START and said.run_id == run_id and may(people, word.by, Role.START):
            service = people[word.by].service
            if (said.asked_by == asked_by and service) if for_alert else word.by == asked_by:
                return ""
    if for_alert:
        return f"no service of the policy {START} has started run {run_id} for that alert"
    return f"{asked_by} has not shown to be one {START} run {run_id}"
