"""One fault that holds its claim, and the record that others see of it."""

import asyncio
from datetime import datetime
from typing import Any

from gameday.domain.drill import StepSpec
from gameday.domain.errors import InjectorError
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState, Injection
from gameday.domain.ports import Undo
from gameday.injector.act import Act
from gameday.injector.clock import utc_now
from gameday.injector.journal import Outstanding
from gameday.injector.leases import Lease


class Held:
    """One fault that holds its claim: being armed, armed, or not yet verified as gone."""

    def __init__(self, fault_id: str, wanted: Injection, claim: str, fault: Act | None) -> None:
        self.id = fault_id
        self.wanted = wanted
        self.claim = claim
        self.fault = fault  # None when its kind is not installed any more
        self.lock = asyncio.Lock()
        self.lease: Lease | None = None  # None: its process died, so it goes as soon as possible
        self.undo: Undo = {}
        self.before: Undo = {}
        self.armed_at: datetime | None = None
        self.confirm_ms: float | None = None
        self.evidence: dict[str, Any] = {}
        self.asked: tuple[ClearedBy, str] | None = None  # the first who wanted it gone
        self.undo_began = False  # from here on, "not in force" may be our own doing
        self.rebuilding = False
        self.stuck_because = ""
        self.stuck_at: datetime | None = None
        self.tries = 0
        self.retry_at_s = 0.0
        self.failure: InjectorError | None = None  # why it was given up before it was armed
        self.gone: FaultRecord | None = None
        self.task: asyncio.Task[None] | None = None

    @classmethod
    def left_behind(cls, outstanding: Outstanding, fault: Act | None) -> "Held":
        """Take over what a process that died has left, as its journal tells it."""
        intent = outstanding.intent
        assert intent.injection is not None
        held = cls(intent.id, intent.injection, intent.claim, fault)
        held.undo, held.before = intent.undo, intent.before
        held.rebuilding = outstanding.rebuilding
        # Without an "armed" line it may never have been in force, so its absence says nothing.
        held.undo_began = outstanding.undoing or outstanding.record is None
        if outstanding.record is not None:
            held.armed_at = outstanding.record.armed_at
            held.confirm_ms = outstanding.record.confirm_ms
            held.evidence = dict(outstanding.record.evidence)
        return held

    @property
    def is_step(self) -> bool:
        """Whether it is a step of a response: it is undone after the faults of its run."""
        return isinstance(self.wanted.fault, StepSpec)

    @property
    def port(self) -> str:
        return self.claim.partition("/")[0]

    @property
    def name(self) -> str:
        """The name of the path at its port."""
        return self.claim.partition("/")[2]

    def record(self, *, now_s: float) -> FaultRecord:
        if self.gone is not None:
            return self.gone
        alive = self.lease is not None and not self.stuck_because
        return FaultRecord(
            **self._who(),
            state=FaultState.STUCK if self.stuck_because else FaultState.ARMED,
            expires_in_s=self.lease.expires_in_s(now_s=now_s) if self.lease and alive else None,
            deadline_in_s=self.lease.deadline_in_s(now_s=now_s) if self.lease and alive else None,
            cleared_because=self.stuck_because,
            evidence=self.evidence,
        )

    def as_cleared(self, by: ClearedBy, because: str) -> FaultRecord:
        return FaultRecord(
            **self._who(),
            state=FaultState.CLEARED,
            cleared_at=utc_now(),
            cleared_by=by,
            cleared_because=because,
            evidence=self.evidence,
        )

    def _who(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "run_id": self.wanted.run_id,
            "kind": self.wanted.fault.kind,
            "on": self.wanted.fault.on,
            "claim": self.claim,
            "step": self.is_step,
            "armed_at": self.armed_at,
            "confirm_ms": self.confirm_ms,
        }
