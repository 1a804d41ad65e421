"""A fault under its lease: what is asked of the injector, and what it answers.

A step of a response is asked for, held and undone in the same way, while a drill goes on.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from gameday.domain.drill import COMPONENT, FaultSpec, StepSpec
from gameday.domain.gate import Evidence, MarkerMatch
from gameday.domain.names import Name
from gameday.domain.proposal import Proposal
from gameday.domain.shift import INPUTS_PORT
from gameday.domain.value import Value

COMPONENT_PORT = "component"  # the port of the injector that steps go through


def component_place(target: str, on: str) -> str:
    """What the injector calls it: `lab/model` of component/model, `lab/action/x` of action/x."""
    return f"{target}/{on.removeprefix(COMPONENT)}"


class ClearedBy(StrEnum):
    """Who or what made a fault go."""

    RESTORE = "restore"
    RESPONSE = "response"
    GUARDIAN = "guardian"
    LEASE = "lease"  # not renewed in time, or past the deadline: `cleared_because` tells which
    RECOVERY = "recovery"
    STOP = "stop"
    SWEEP = "sweep"
    VANISHED = "vanished"  # it was gone when somebody looked, and nobody says that they undid it


class FaultState(StrEnum):
    ARMED = "armed"
    CLEARED = "cleared"
    STUCK = "stuck"  # a restore was tried and could not be verified; it is tried again


class Injection(Value):
    """What a workflow asks the injector for. The fault's id is chosen by the workflow.

    fault: or the step of a response, which changes a component that the injector knows itself.
    """

    run_id: str
    drill: Name
    target: Name
    environment: Name
    fault: FaultSpec | StepSpec
    address: dict[str, str] = {}  # port name -> the name there, e.g. {"toxiproxy": "primary"}
    lease_s: Annotated[float, Field(gt=0)]
    deadline_s: Annotated[float, Field(gt=0)]
    plan_digest: str
    requested_by: str
    marker: MarkerMatch | None = None  # filled in where secrets may be read
    # Since when it is proven that synthetic requests do not act for real; None: it is not.
    isolation_age_s: Annotated[float, Field(ge=0)] | None = None
    # Of a step that its runbook wants approved, also in a drill: what the approvals name.
    proposal: Proposal | None = None

    def place(self, port: str) -> str:
        """The name at that port of what is meant; '' when nobody says.

        A component's comes from the target and the step alone, so that no address that somebody
        sends can name another target's.
        """
        if port == COMPONENT_PORT:
            return component_place(self.target, self.fault.on)
        if port == INPUTS_PORT:
            return self.run_id  # each run has a load of its own
        return self.address.get(port, "")


class FaultRecord(Value):
    """What the injector knows of one fault. Times are UTC; durations ignore the wall clock."""

    id: str
    run_id: str
    kind: str
    on: str
    claim: str  # the resource held exclusively, e.g. toxiproxy/primary
    step: bool = False  # a step of the response, not a fault
    state: FaultState
    armed_at: datetime | None = None
    confirm_ms: float | None = None
    expires_in_s: float | None = None  # until the lease is over, if not renewed; armed only
    deadline_in_s: float | None = None
    cleared_at: datetime | None = None
    cleared_by: ClearedBy | None = None
    cleared_because: str = ""
    # What the fault itself could count: port readings at arm and at clear, and own dials.
    evidence: dict[str, Any] = {}

    @property
    def gone_at(self) -> datetime | None:
        """When it was no longer in force: since a step had rolled it back, else since cleared."""
        told = self.evidence.get("rolled_back_at")
        return datetime.fromisoformat(told) if told else self.cleared_at


def gate_evidence(record: FaultRecord) -> Evidence | None:
    """What the gate had counted when the fault was cleared; None when nobody could read it."""
    counted = record.evidence.get("gate_at_clear")
    return None if counted is None else Evidence.model_validate(counted)
