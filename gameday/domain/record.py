"""One run, as it is asked for and as it is remembered."""

from datetime import datetime
from typing import Any

from gameday.domain.drill import Drill
from gameday.domain.lease import FaultRecord
from gameday.domain.plan import Plan
from gameday.domain.sample import Span
from gameday.domain.target import Target
from gameday.domain.value import Value
from gameday.domain.verdict import Stop


class RunRequest(Value):
    """Everything that a run needs; holds no secret and no prompt."""

    run_id: str
    drill: Drill
    target: Target
    environment: str
    suite_file: str  # absolute path on the workers' hosts
    folder: str  # where the run's artifacts go
    plan: Plan
    requested_by: str


class Moment(Value):
    """One stretch in which the world was being changed."""

    requested_at: datetime
    confirmed_at: datetime

    def span(self) -> Span:
        return Span(self.requested_at, self.confirmed_at)


class Restore(Value):
    """The putting back, and how long users went on feeling it."""

    requested_at: datetime
    effective_at: datetime


class Event(Value):
    """One line of an author's journal segment."""

    author: str  # "workflow", "injector" or "probes"
    seq: int
    at: datetime
    what: str  # e.g. "phase", "armed", "cleared", "window"
    facts: dict[str, Any] = {}


class ServedEntry(Value):
    """One request as a provider's own log has it."""

    request_id: str
    at: datetime
    outcome: str


class Readiness(Value):
    """One line of a preflight."""

    name: str
    ok: bool
    sentence: str


class RunRecord(Value):
    """A run as the workflow (or whoever closed it) remembers it; samples are stored beside it."""

    request: RunRequest
    started_at: datetime
    ended_at: datetime | None = None
    closed_by: str = ""  # "workflow", "guardian" or "cli"
    approved_by: str = ""
    preflight: tuple[Readiness, ...] = ()
    inject: Moment | None = None
    restore: Moment | None = None
    faults: tuple[FaultRecord, ...] = ()
    stop: Stop | None = None
    refused: str = ""
    dirty: str = ""
    invalid: str = ""  # why the samples cannot be trusted, e.g. the probes were lost
    events: tuple[Event, ...] = ()
