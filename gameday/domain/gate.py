"""What the injector and the HTTP fault gate say to each other."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.domain.drill import FaultSpec
from gameday.domain.names import Name
from gameday.domain.value import Value


class MarkerMatch(Value):
    """How the gate knows a drill's own requests: one of three signs.

    A header or body field carries `RUN.REQUEST`, so that each request can be told apart; a key
    is only told by its digest.
    """

    header: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$")] | None = None
    body: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,120}$")] | None = None
    key_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None

    @model_validator(mode="after")
    def _one_sign(self) -> Self:
        if sum(sign is not None for sign in (self.header, self.body, self.key_sha256)) != 1:
            raise ValueError("expected exactly one of header, body and key_sha256")
        return self


class Rule(Value):
    """One armed fault at one listener of the gate. It dies with its lease, whoever else dies."""

    id: str
    run_id: str
    listener: Name
    fault: FaultSpec
    marker: MarkerMatch | None = None  # needed where the fault's scope is `marked`
    lease_s: Annotated[float, Field(gt=0, le=3600)]


class Evidence(Value):
    """What the gate counted for one rule."""

    matches: int = 0  # requests that the rule's conditions fit
    hits: int = 0  # those whose answer the fault has changed
    held: int = 0  # those that it holds now
    bytes: int = 0  # of answers that it made or changed
    first_at: datetime | None = None
    last_at: datetime | None = None
    request_ids: tuple[str, ...] = ()  # of the hits, the last 1,000


class RuleState(Value):
    """One rule as it stands; `ended` says why it is not in force any more, '' while it is."""

    id: str
    listener: Name
    kind: str
    expires_in_s: float
    ended: str = ""  # "lease", "cleared"
    evidence: Evidence = Evidence()


class ListenerState(Value):
    """One listener of the gate."""

    name: Name
    listen: str
    upstream: str
    dialect: str
    requests: int
    open: int  # connections of clients


class GateState(Value):
    """Everything about one gate. `boot` changes when its process does."""

    boot: str
    started_at: datetime
    listeners: tuple[ListenerState, ...]
    rules: tuple[RuleState, ...]


class WatchOrder(Value):
    """Keep a log of calls for one run, for so long without being asked again."""

    marker: MarkerMatch | None = None
    ttl_s: Annotated[float, Field(gt=0, le=3600)] = 60.0


class Traffic(Value):
    """Calls at one listener since the watch began, by whose they are."""

    marked: int = 0
    unmarked: int = 0
    unmarked_bad: int = 0  # answered 4xx or 5xx, cut, or not at all
    unmarked_ms: float = 0.0  # summed time of the unmarked ones that have ended


class WatchState(Value):
    run_id: str
    traffic: dict[Name, Traffic]
    calls: int  # in the log


class Call(Value):
    """One call at one listener, as the gate saw it. Kept while a run is being watched."""

    provider: Name  # the listener
    request_id: str  # the run's own id of the request where the marker tells it, else x-request-id
    run_id: str = ""  # of the drill that marked it, else ''
    started_at: datetime
    ended_at: datetime | None = None
    status: int | None = None
    whole: bool = False  # the answer came to its proper end
    client_left: bool = False  # before the answer's end
    fault_id: str = ""  # of the rule that changed it
    # The provider's own limits, as its answer told them; nearly all count by the minute.
    requests_max: int | None = None
    requests_left: int | None = None
    tokens_max: int | None = None
    tokens_left: int | None = None
