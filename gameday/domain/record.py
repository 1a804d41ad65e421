"""One run, as it is asked for and as it is remembered."""

from datetime import datetime
from typing import Any

from gameday.domain.detection import Detection
from gameday.domain.drill import Drill, FaultSpec, StepSpec
from gameday.domain.lease import FaultRecord, Injection
from gameday.domain.plan import Plan
from gameday.domain.quantities import parse_duration_s
from gameday.domain.revert_plan import RevertPlan
from gameday.domain.runbook_request import RunbookRequest
from gameday.domain.target import Target
from gameday.domain.value import Value
from gameday.domain.verdict import Stop
from gameday.domain.window import Span


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
    target_file: str = ""  # absolute path there; its commands run beside it
    response: RunbookRequest | None = None  # the runbook that the drill responds with


def memo_of(request: RunRequest) -> dict[str, str | list[str]]:
    """What Temporal shows of a run without asking a worker."""
    return {
        "drill": request.drill.drill,
        "target": request.target.target,
        "environment": request.environment,
        # By which serve tells the drill's own alerts from others.
        "expects": list(alerts_declared(request.drill, request.target)),
        "answers": _answers(request),
        "folder": request.folder,
        "requested_by": request.requested_by,
    }


def _answers(request: RunRequest) -> str:
    """The runbook that an alert begins as the drill's own response; '' where none does."""
    stated, response = request.drill.respond_with, request.response
    by_alert = stated is not None and stated.via == "alert"
    return response.runbook.runbook if by_alert and response is not None else ""


class Told(Value):
    """Whether the operator's channels were told how a run ended.

    at: when the last one took it; None while one has not. taken: those that have, by their place.
    failure: why one did not take it.
    """

    at: datetime | None = None
    taken: tuple[int, ...] = ()
    failure: str = ""


class Moment(Value):
    """One stretch in which the world was being changed."""

    requested_at: datetime
    confirmed_at: datetime

    def span(self) -> Span:
        return Span(self.requested_at, self.confirmed_at)


class Stretch(Value):
    """The window `peak` as it was watched; without an end while it goes on, or was cut short."""

    began_at: datetime
    ended_at: datetime | None = None


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
    detection: Detection | None = None  # as it was noticed while the run went on
    decided_at: datetime | None = None  # to respond
    respond: Moment | None = None  # from the first step that was asked for to the last answer
    restore: Moment | None = None
    peak: Stretch | None = None  # of a run that breaks nothing, and whose load goes up
    faults: tuple[FaultRecord, ...] = ()
    plans: tuple[RevertPlan, ...] = ()  # of what to put back, as they were made one after the other
    steps: tuple[FaultRecord, ...] = ()  # of the response, as the injector holds them
    stop: Stop | None = None
    refused: str = ""
    dirty: str = ""
    invalid: str = ""  # why the samples cannot be trusted, e.g. the probes were lost
    events: tuple[Event, ...] = ()

    @property
    def touched(self) -> bool:
        """Whether anything was done that checks could judge."""
        return any((self.inject, self.respond, self.peak))


def name_of(resource: str) -> str:
    """The name in a resource: `provider/primary` -> `primary`, `tool/orders` -> `orders`."""
    return resource.partition("/")[2]


def faulted_providers(drill: Drill) -> tuple[str, ...]:
    """The providers that the drill breaks, each once, in its order; not what is no provider."""
    return tuple(
        dict.fromkeys(
            name_of(fault.on) for fault in drill.faults if fault.on.startswith("provider/")
        )
    )


def injections(request: RunRequest) -> tuple[Injection, ...]:
    """What to ask the injector for, one for each fault of the drill, in its order."""
    return tuple(
        _injection(request, fault, _address(request.target, fault.on))
        for fault in request.drill.faults
    )


def steps_asked(request: RunRequest) -> tuple[Injection, ...]:
    """The same for each step of the response."""
    return tuple(_injection(request, step, {}) for step in request.drill.respond)


def fault_ids(request: RunRequest) -> tuple[str, ...]:
    return tuple(f"{request.run_id}-{position}" for position in range(len(request.drill.faults)))


def step_ids(request: RunRequest) -> tuple[str, ...]:
    return tuple(
        f"{request.run_id}-step-{position}" for position in range(len(request.drill.respond))
    )


def _injection(
    request: RunRequest, wanted: FaultSpec | StepSpec, address: dict[str, str]
) -> Injection:
    return Injection(
        run_id=request.run_id,
        drill=request.drill.drill,
        target=request.target.target,
        environment=request.environment,
        fault=wanted,
        address=address,
        lease_s=request.plan.lease_s,
        deadline_s=request.plan.fault_seconds_max,
        plan_digest=request.plan.digest,
        requested_by=request.requested_by,
    )


def _address(target: Target, resource: str) -> dict[str, str]:
    return target.ports_at(resource) or {}


def seen_as(record: RunRecord) -> str:
    """What the front door calls the version that the response has set; '' when nobody knows."""
    named = (str(step.evidence.get("seen_as", "")) for step in record.steps)
    return next(filter(None, named), "")


def slos_judged(drill: Drill) -> tuple[str, ...]:
    """The objectives that the drill's checks judge by, each once."""
    named = (str(spec.settings.get("name", "")) for spec in drill.checks if spec.kind == "slo")
    return tuple(dict.fromkeys(named))


def alerts_declared(drill: Drill, target: Target) -> tuple[str, ...]:
    """The alerts that the drill, or any drill there, may set off; each once."""
    always = target.alerts.expects if target.alerts else ()
    judged = (str(one.settings.get("name", "")) for one in drill.checks if one.kind == "alerted")
    return tuple(dict.fromkeys((*always, *drill.expects, *judged)))


def alerts_expected(request: RunRequest) -> dict[str, float]:
    """The alerts that may ring, and how many seconds after the restore each may go on."""
    alerts, drill = request.target.alerts, request.drill
    if alerts is None:
        return {}
    expected = dict.fromkeys(alerts_declared(drill, request.target), alerts.cleared_within)
    for spec in drill.checks:
        if spec.kind == "alerted":
            within = spec.settings.get("cleared_within")
            name = str(spec.settings.get("name", ""))
            expected[name] = parse_duration_s(within) if within else alerts.cleared_within
    return expected
