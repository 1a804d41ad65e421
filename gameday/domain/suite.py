"""An evaluation suite: questions, and how each answer is scored."""

from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from gameday.domain.drill import Extensible
from gameday.domain.names import Name, SecretRef, Url
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

Question = Annotated[str, Field(min_length=1, max_length=8000)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1000)]
Var = str | int | float | bool


class ScorerSpec(Extensible):
    """One scorer as a suite file states it."""

    name: str = ""  # in the scores of a sample; its kind unless said
    weight: Weight = 1.0  # 0: recorded, and counts for nothing
    at_least: Share = 1.0  # the score from which it passes
    negated: Annotated[bool, Field(alias="not")] = False

    model_config = {"populate_by_name": True, "serialize_by_alias": True}


class ScorerSet(Value):
    """Scorers that count as one; it passes when each of them does, or their mean is enough."""

    name: str = ""
    set: Annotated[tuple[ScorerSpec, ...], Field(min_length=1)]
    weight: Weight = 1.0
    pass_at: Share | None = None


def _which(raw: Any) -> str:
    """Which of the two an entry is, so that what is wrong in it is told of that one."""
    holds_set = isinstance(raw, dict) and "set" in raw
    return "a set" if holds_set or isinstance(raw, ScorerSet) else "a scorer"


Entry = Annotated[
    Annotated[ScorerSpec, Tag("a scorer")] | Annotated[ScorerSet, Tag("a set")],
    Discriminator(_which),
]


class ModelEndpoint(Value):
    """A model that scores answers, behind an endpoint in the dialect of OpenAI."""

    url: Url  # the base, e.g. http://127.0.0.1:11434/v1
    model: Annotated[str, Field(min_length=1, max_length=200, examples=["judge-model"])]
    key: SecretRef | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    timeout: Seconds = 5.0


class Defaults(Value):
    """What every case has beside its own."""

    scorers: tuple[Entry, ...] = ()
    vars: dict[str, Var] = {}
    group: Name | None = None
    feature: Name | None = None
    tenant: Name | None = None


class Case(Value):
    """One question, or one conversation whose last answer is scored.

    `{{name}}` in its texts stands for one of its vars, if it has any; `expected` is one of them.
    """

    case: Name
    question: Question | None = None
    turns: tuple[Question, ...] = ()
    group: Name | None = None
    feature: Name | None = None
    tenant: Name | None = None
    vars: dict[str, Var] = {}
    expected: str | None = None
    pass_at: Share | None = None  # of the mean of its scores; None: each scorer must pass
    # Why a person must look at it before its score says that an answer is right.
    needs_person: Annotated[str, Field(max_length=400)] | None = None
    scorers: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if (self.question is None) == (not self.turns):
            raise ValueError("expected exactly one of question and turns")
        return self

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked, in order: one question, or the turns of a conversation."""
        return self.turns if self.question is None else (self.question,)


class Suite(Value):
    """A suite file."""

    suite: Name
    pass_at: Share | None = None  # for cases that do not say their own
    judge: ModelEndpoint | None = None  # asked by the scorer `judge`
    embedding: ModelEndpoint | None = None  # asked by the scorer `similarity`
    defaults: Defaults = Defaults()
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
