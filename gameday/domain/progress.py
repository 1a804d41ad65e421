"""Where a run is: the phases, and what a person who watches is told."""

from datetime import datetime
from enum import StrEnum

from gameday.domain.record import RunRecord
from gameday.domain.value import Value
from gameday.domain.waiting import Waiting


class Phase(StrEnum):
    """The way through the house, in order."""

    PLAN = "plan"
    APPROVE = "approve"
    PREFLIGHT = "preflight"
    BASELINE = "baseline"
    INJECT = "inject"
    FAULTED = "faulted"
    PEAK = "peak"  # in the place of inject, faulted and restore, where nothing is broken
    RESPOND = "respond"
    RESPONDED = "responded"
    RESTORE = "restore"
    RECOVERED = "recovered"
    JUDGE = "judge"
    REPORT = "report"
    CLOSED = "closed"


class Progress(Value):
    """The figures of a window so far."""

    window: str
    at: datetime
    seconds: float
    n: int
    errors: int
    latency_ms_p95: float | None
    quality: float | None
    served_by: dict[str, int]


class RunProgress(Value):
    """A run as its workflow sees it now."""

    run_id: str
    phase: Phase
    windows: tuple[Progress, ...]  # those that are over
    record: RunRecord
    waiting: Waiting | None = None  # for people; None while nothing is


class Approval(Value):
    """Word that the injector has heard somebody on one exact plan: a reason to ask it, no more."""

    by: str
    plan_digest: str
