"""How an operator lets Gameday look whether synthetic requests stay apart from real ones.

A *canary* is a synthetic request with an id of its own. After some were sent, the operator's own
queries look for that id where real requests are counted, kept and acted on. A query that finds
nothing proves something only if it could have found something: `known` is an id that the place
holds for certain, and the same query must find that.
"""

from abc import ABC, abstractmethod
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.names import Name, SecretRef, Url
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

CANARY = "{{canary}}"


class PlaceKind(StrEnum):
    """What kind of place may hold on to a request."""

    METRICS = "metrics"
    SPEND = "spend"
    CACHES = "caches"
    TRACES = "traces"
    STORES = "stores"
    TOOLS = "tools"


class Query(Value, ABC):
    """What all queries have. Its text names the canary as `{{canary}}`.

    One without it looks at a figure that must not change while canaries are sent.
    """

    place: PlaceKind
    # An id that is there for certain; the query must find it, else finding nothing says nothing.
    known: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    # `found` is for a place that is kept for synthetic requests, such as a tool's sandbox.
    expect: Literal["none", "found"] = "none"
    # The query of such a place: unless it finds the canaries, nothing shows that they came so far.
    reached: Name | None = None

    @property
    @abstractmethod
    def text(self) -> str:
        """Everything that the canary's id is put into."""

    @property
    def by_canary(self) -> bool:
        return CANARY in self.text

    @model_validator(mode="after")
    def _known_is_looked_for(self) -> Self:
        if self.known is not None and not self.by_canary:
            raise ValueError(
                f"known is put in the place of {CANARY}, which the query does not have"
            )
        if self.expect == "found" and not (self.by_canary and self.known is self.reached is None):
            raise ValueError(f"a query that expects to find looks for {CANARY}, and for no more")
        return self


class HttpJson(Query):
    """Ask a URL for JSON; `path` leads to a number, a list, or text that counts as one."""

    kind: Literal["http_json"]
    url: Url
    path: Annotated[str, Field(max_length=200, examples=["data.total"])] = ""  # '' is all of it
    key: SecretRef | None = None  # sent as a bearer token

    @property
    def text(self) -> str:
        return self.url


class PrometheusQuery(Query):
    """Ask Prometheus; the sum of the vector that it answers with."""

    kind: Literal["prometheus"]
    url: Url
    query: Annotated[str, Field(min_length=1, max_length=4000)]
    key: SecretRef | None = None

    @property
    def text(self) -> str:
        return self.query


class CommandQuery(Query):
    """Run a command; it prints how many it found, as a number, and exits 0."""

    kind: Literal["command"]
    argv: Annotated[tuple[str, ...], Field(min_length=1)]

    @property
    def text(self) -> str:
        return " ".join(self.argv)


PlaceQuery = Annotated[HttpJson | PrometheusQuery | CommandQuery, Field(discriminator="kind")]


class Isolation(Value):
    """The target's `isolation:` block."""

    # Tools that act on the world, each the name of a query; `[]` says that there is none.
    mutating_tools: tuple[Name, ...]
    requests: Annotated[int, Field(ge=1, le=20)] = 3
    # What a canary asks, with {{canary}} in it; without one, the suite's first question.
    question: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    settle: Seconds = 2.0  # until what was sent can be found, where it is found at all
    queries: dict[Name, PlaceQuery] = {}

    @model_validator(mode="after")
    def _tools_are_tools(self) -> Self:
        for name in self.mutating_tools:
            query = self.queries.get(name)
            if query is not None and query.place is not PlaceKind.TOOLS:
                raise ValueError(f"the query {name} is of a mutating tool: its place is tools")
        return self

    @model_validator(mode="after")
    def _reached_is_expected(self) -> Self:
        for name, query in self.queries.items():
            there = self.queries.get(query.reached or "")
            if query.reached and (there is None or there.expect != "found"):
                raise ValueError(
                    f"the query {name} names {query.reached}, which is no query with expect: found"
                )
        return self


class Finding(StrEnum):
    """What is known of one place."""

    ISOLATED = "isolated"
    LEAKED = "leaked"
    UNPROVEN = "unproven"


class PlaceFinding(Value):
    """What was found at one place."""

    name: str
    place: PlaceKind
    finding: Finding
    sentence: str
    acts: bool = False  # a mutating tool


class IsolationProof(Value):
    """What one look at isolation found, and of which target."""

    target: Name
    environment: Name
    digest: str  # of what was looked at: another target file needs another look
    canary: str
    at: datetime
    places: tuple[PlaceFinding, ...]

    def age_s(self, now: datetime) -> float | None:
        """Since when no synthetic request acts for real; None when that is not proven."""
        return None if self.acting else max(0.0, (now - self.at).total_seconds())

    @property
    def acting(self) -> str:
        """Why a synthetic request may act for real, in one sentence; '' when none can."""
        return "; ".join(
            f"{one.name}: {one.sentence}"
            for one in self.places
            if one.acts and one.finding is not Finding.ISOLATED
        )


def describe_proof(proof: IsolationProof) -> str:
    """How many places are known to be clean, and which are not, in one sentence."""
    by_finding = {
        finding: [one.name for one in proof.places if one.finding is finding] for finding in Finding
    }
    clean = by_finding.pop(Finding.ISOLATED)
    rest = [f"{finding}: {', '.join(names)}" for finding, names in by_finding.items() if names]
    return "; ".join([f"isolated: {', '.join(clean) or 'none'}", *rest])
