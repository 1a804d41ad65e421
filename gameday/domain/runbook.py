"""What a runbook file says: what is asked, what is done, and what comes after which answer.

A play is a list of items. Each leads to the next one in the file unless it says otherwise, and only
ever forward, so that every play ends.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from gameday.domain.drill import Extensible, StepSpec
from gameday.domain.names import Name, Resource, Sentence
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

END = "end"  # nothing more is done
UNDO_ALL = "undo_all"  # what this run has changed is put back, the last change first
RESERVED = (END, UNDO_ALL)
OTHERWISE = "otherwise"  # among the answers: every one that is not named
Place = Annotated[Name, Field(examples=["hand_over"])]  # an item's name, or a reserved one
Where = tuple[str | int, ...]  # the keys and positions that lead to a part of a file
Objection = tuple[Where, str]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class PlayError(ValueError):
    """A play that does not end, or has a part that is no part of it."""

    def __init__(self, sentence: str, where: Where) -> None:
        """where: the part of the file that is meant."""
        super().__init__(sentence)
        self.where = where


class QuestionSpec(Extensible):
    """One question as a runbook states it."""

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    kind: Annotated[Name, Field(alias="ask", examples=[])]


class DeedSpec(Extensible):
    """One deed as a runbook states it: a step that changes something, an errand, or a wait."""

    model_config = {"populate_by_name": True, "serialize_by_alias": True}

    kind: Annotated[Name, Field(alias="do", examples=[])]


class Ask(QuestionSpec):
    """A question, and where each of its answers leads.

    within: longer is not asked; the answer is then `unknown`. answers: by answer, or `otherwise`;
    without any, it is asked for the record, and the next item follows.
    """

    name: Name
    within: Seconds = 120.0
    answers: dict[Name, Place] = {}

    @property
    def leads_to(self) -> tuple[tuple[Where, str], ...]:
        """Every place that it names, and where it names it."""
        return tuple((("answers", answer), place) for answer, place in self.answers.items())

    def after(self, answer: str) -> str | None:
        """Where that answer leads; None for the next item."""
        return self.answers.get(answer, self.answers.get(OTHERWISE))

    @property
    def goes_on(self) -> bool:
        """Whether the next item of the file may follow."""
        return not self.answers


class Do(DeedSpec):
    """A deed, and what follows when it is done, when it fails, and when nobody says yes to it.

    on: what it changes; an errand and a wait change nothing. within: it is given up after so long.
    attempts: of a step that fails, or whose effect cannot be read back. approvals: by so many
    people it must be approved, before it is done. nobody: where it leads when nobody approves
    within `approve_within`, or answers within `within`. if_not: where it leads when it failed, or
    was refused; unless said, a run ends there and people take over, but for an errand, whose
    failure is told and hinders nothing. choices: of a question to people, where each of its answers
    leads.
    """

    name: Name
    on: Resource | None = None
    within: Seconds = 60.0
    attempts: Annotated[int, Field(ge=1, le=10)] = 1
    approvals: Annotated[int, Field(ge=0, le=2)] = 0
    approve_within: Seconds = 900.0
    nobody: Place | None = None
    if_not: Place | None = None
    then: Place | None = None
    choices: dict[Name, Place] = {}

    @property
    def step(self) -> StepSpec:
        """The same as a drill states it under `respond`, where it is a step that changes."""
        on = {} if self.on is None else {"on": self.on}
        return StepSpec(kind=self.kind, settings=self.settings, **on)

    @property
    def leads_to(self) -> tuple[tuple[Where, str], ...]:
        """Every place that it names, and where it names it."""
        named = {"nobody": self.nobody, "if_not": self.if_not, "then": self.then}
        own = (((key,), place) for key, place in named.items() if place is not None)
        return (*own, *((("choices", choice), to) for choice, to in self.choices.items()))

    @property
    def goes_on(self) -> bool:
        """Whether the next item of the file may follow."""
        return self.then is None and not self.choices

    @model_validator(mode="after")
    def _says_one_thing_of_its_end(self) -> Self:
        if self.choices and self.then is not None:
            raise ValueError("choices say where each answer leads; expected no `then` beside them")
        if self.choices and self.nobody is None:
            raise ValueError("choices need `nobody`, which says where it leads when nobody answers")
        return self


def _sort_of(raw: Any) -> str | None:
    """Which of the two an item is; None leaves both tried."""
    if isinstance(raw, dict):
        return "a question" if "ask" in raw else "a deed"
    return "a question" if isinstance(raw, Ask) else "a deed"


Item = Annotated[
    Annotated[Ask, Tag("a question")] | Annotated[Do, Tag("a deed")], Discriminator(_sort_of)
]


class Input(Value):
    """What a runbook is told when it is started; `{{name}}` stands for it in its items.

    default: where nobody says; without one, somebody must.
    """

    default: Text | None = None
    about: Sentence | None = None


class Runbook(Value):
    """A runbook file."""

    runbook: Name
    title: Sentence
    purpose: Sentence
    inputs: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,40}$")], Input] = {}
    play: Annotated[tuple[Item, ...], Field(min_length=1, max_length=100)]

    @property
    def digest(self) -> str:
        """sha256 over its canonical JSON, with its inputs filled in."""
        canonical = json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    def seconds_max(self, pauses: Mapping[str, float], people_within_s: float | None) -> float:
        """How long the longest way through it may take.

        pauses: of waits that wait for a time, by item. people_within_s: people are waited for so
        long at the most.
        """

        def seconds(item: Ask | Do) -> float:
            return max(_seconds(item, people_within_s), pauses.get(item.name, 0.0))

        return self._most(seconds)

    def changes_max(self, changes: Collection[str]) -> int:
        """How many of these items there may be on one way."""
        return round(self._most(lambda item: float(item.name in changes)))

    def _most(self, weight: Callable[[Ask | Do], float]) -> float:
        """The most that the items of one way have together."""
        most = dict.fromkeys(RESERVED, 0.0)
        for item in reversed(self.play):
            places = [place for _, place in item.leads_to]
            after = [*places, self.following(item.name)] if item.goes_on else places
            most[item.name] = weight(item) + max(most[place] for place in after)
        return most[self.play[0].name]

    def item(self, name: str) -> Ask | Do:
        """Raises KeyError for a name that none has."""
        return next(item for item in self.play if item.name == name)

    def following(self, name: str) -> str:
        """The place after an item that does not say where it leads."""
        names = [item.name for item in self.play]
        later = names[names.index(name) + 1 :]
        return later[0] if later else END

    @model_validator(mode="after")
    def _plays_to_its_end(self) -> Self:
        for where, sentence in (*self._misnamed(), *self._misled(), *self._never_reached()):
            raise PlayError(sentence, ("play", *where))
        return self

    def _misnamed(self) -> Iterator[Objection]:
        names = [item.name for item in self.play]
        for position, name in enumerate(names):
            if name in RESERVED:
                yield (position, "name"), f"the name {name!r} is reserved; expected another one"
            if name in names[:position]:
                yield (position, "name"), f"two items are called {name!r}; expected a name for each"

    def _misled(self) -> Iterator[Objection]:
        names = [item.name for item in self.play]
        for position, item in enumerate(self.play):
            later = (*names[position + 1 :], *RESERVED)
            for where, place in item.leads_to:
                if place in later:
                    continue
                expected = f"expected a later item or one of {', '.join(RESERVED)}"
                why = "comes no later; a play only goes forward" if place in names else "is no item"
                yield (
                    (position, *where),
                    f"{item.name!r} leads to {place!r}, which {why}; {expected}",
                )

    def _never_reached(self) -> Iterator[Objection]:
        reached = {self.play[0].name}
        for position, item in enumerate(self.play):
            if item.name not in reached:
                yield (position, "name"), f"nothing leads to {item.name!r}; expected a way there"
            reached.update(place for _, place in item.leads_to)
            if item.goes_on:
                reached.add(self.following(item.name))


def _seconds(item: Ask | Do, people_within_s: float | None) -> float:
    if isinstance(item, Ask):
        return item.within
    if item.choices:
        return min(item.within, people_within_s or item.within)
    people_s = min(item.approve_within, people_within_s or item.approve_within)
    return item.within * item.attempts + people_s * (item.approvals > 0)
