"""A fault under its lease: what is asked of the injector, and what it answers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from gameday.domain.drill import FaultSpec
from gameday.domain.gate import MarkerMatch
from gameday.domain.names import Name
from gameday.domain.value import Value


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
    """What a workflow asks the injector for. The fault's id is chosen by the workflow."""

    run_id: str
    drill: Name
    target: Name
    environment: Name
    fault: FaultSpec
    address: dict[str, str]  # port name -> the name there, e.g. {"toxiproxy": "primary"}
    lease_s: Annotated[float, Field(gt=0)]
    deadline_s: Annotated[float, Field(gt=0)]
    plan_digest: str
    requested_by: str
    marker: MarkerMatch | None = None  # filled in where secrets may be read
    # Since when it is proven that synthetic requests do not act for real; None: it is not.
    isolation_age_s: Annotated[float, Field(ge=0)] | None = None


class FaultRecord(Value):
    """What the injector knows of one fault. Times are UTC; durations ignore the wall clock."""

    id: str
    run_id: str
    kind: str
    on: str
    claim: str  # the resource held exclusively, e.g. toxiproxy/primary
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
