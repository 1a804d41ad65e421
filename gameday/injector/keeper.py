"""Keeps every fault: admits it, arms it under a lease, and undoes it, whoever asks or dies.

All state lives in one event loop. What decides (stop, tombstone, claim, policy) happens without
an await, so two requests cannot both be let in; what touches the world holds the fault's lock.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from gameday.domain.drill import FaultSpec, StepSpec
from gameday.domain.errors import GamedayError, InjectorError
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState, Injection
from gameday.domain.policy import Policy
from gameday.domain.ports import Undo
from gameday.domain.statement import Word
from gameday.injector.act import Act
from gameday.injector.admission import Admission
from gameday.injector.clock import Clock, lease_clock_s, utc_now
from gameday.injector.held import Held
from gameday.injector.journal import Entry, UndoJournal
from gameday.injector.leases import Lease
from gameday.injector.port import Asked, Port
from gameday.injector.refusal import RefusalError, Why
from gameday.injector.undoing import Undoing, as_injector_error, suffixed

RETRY_EVERY_S = 1.0  # a restore that could not be verified
FAULTS_FIRST_S_MAX = 2.0  # that a step waits for a fault whose lease is over as well

_NOBODY = Policy(policy="none")  # until the operator's is loaded, nothing may be armed


class FaultKeeper:
    """Every fault of one injector."""

    def __init__(
        self,
        journal: UndoJournal,
        ports: Mapping[str, Port],
        make: Callable[[FaultSpec | StepSpec], Act],
        *,
        policy: Policy = _NOBODY,
        clock: Clock = lease_clock_s,
    ) -> None:
        self.admission = Admission(journal.memory, ports, make, policy)
        self._journal = journal
        self._memory = journal.memory
        self._ports = ports
        self._make = make
        self._clock = clock
        self._undoing = Undoing(journal, ports, make, clock, self._beneath)
        self._held: dict[str, Held] = {}

    # --- admitting and arming ---------------------------------------------------------------

    async def arm(self, fault_id: str, wanted: Injection) -> FaultRecord:
        """Arm a fault, or return its record when it is armed. Raises InjectorError."""
        held = self._held.get(fault_id)
        if held is None:
            self.admission.refuse_when_stopped(fault_id)
            fault, claim = self.admission.admit(wanted, self._held.values())
            held = self._held[fault_id] = Held(fault_id, wanted, claim, fault)
            async with held.lock:
                await self._arm(held, fault)
                return held.record(now_s=self._clock())
        if held.wanted != wanted:
            raise RefusalError(
                Why.CONFLICT, f"fault {fault_id} is held already, with other settings"
            )
        async with held.lock:  # a second request for the same fault waits for the first
            if held.failure is not None:
                raise held.failure
            return held.record(now_s=self._clock())

    async def check(self, wanted: Injection) -> str:
        """Why `wanted` would be refused now; empty when it would not. Touches nothing."""
        try:
            self.admission.refuse_when_stopped("")
            act, _ = self.admission.admit(wanted, self._held.values())
            name = wanted.place(act.port)
            port = self._ports[act.port]
            obstacle = (await port.look(name)).obstacle
            return obstacle or await act.why_not_ready(port.path(name, Asked(wanted, 0.0)))
        except GamedayError as error:
            return error.sentence

    async def _arm(self, held: Held, fault: Act) -> None:
        # From before the first touch, so that a slow inject lives no longer than its lease.
        began_s = self._clock()
        try:
            await self._snapshot(held, fault)
        except Exception as error:
            raise self._give_up(held, error) from error
        held.lease = Lease.begin(held.wanted.lease_s, held.wanted.deadline_s, now_s=began_s)
        began = time.perf_counter()
        path = self._undoing.path(held)
        try:
            await fault.inject(path, held.id)
            held.evidence |= await fault.confirm(path, held.id)
            held.armed_at = utc_now()
            held.confirm_ms = round((time.perf_counter() - began) * 1000, 3)
            record = held.record(now_s=self._clock())
            self._journal.append(Entry(what="armed", id=held.id, record=record))
        except Exception as error:
            await self._undo_failed_arm(held, error)
            raise as_injector_error(error, f"{held.wanted.fault.kind} failed") from error

    async def _snapshot(self, held: Held, fault: Act) -> None:
        look = await self._undoing.port(held).look(held.name)
        if look.obstacle:
            raise RefusalError(
                Why.CONFLICT, look.obstacle, next_step="put the path right first, then try again"
            )
        path = self._undoing.path(held)
        held.before = look.state
        held.undo = await fault.snapshot(path)
        held.evidence |= suffixed(await fault.measure(path, held.id), "at_arm")
        try:
            self._journal.append(
                Entry(
                    what="intent",
                    id=held.id,
                    claim=held.claim,
                    injection=held.wanted,
                    undo=held.undo,
                    before=held.before,
                )
            )
        except OSError as error:
            raise RefusalError(
                Why.NO_RECORD,
                f"the undo journal cannot be written ({error.strerror}), so nothing was armed",
                next_step="make room on the disk of the injector's state folder",
            ) from error

    def _give_up(self, held: Held, error: Exception) -> InjectorError:
        """Free its claim and its id: nothing of it is in force, so it may be tried again."""
        held.failure = as_injector_error(error, f"{held.wanted.fault.kind} failed")
        del self._held[held.id]
        return held.failure

    async def _undo_failed_arm(self, held: Held, error: Exception) -> None:
        sentence = as_injector_error(error, "it failed").sentence
        held.asked = (ClearedBy.RESTORE, f"it could not be armed and was undone: {sentence}")
        held.undo_began = True
        problem = await self._undoing.restore(held)
        if problem:
            self._stick(held, problem)
            return
        self._journal.note(Entry(what="void", id=held.id))
        self._give_up(held, error)

    # --- renewing and reading ---------------------------------------------------------------

    async def renew(self, fault_id: str) -> FaultRecord:
        """Renew the lease of a fault that is in force. A fault that is gone says so instead."""
        held = self._held.get(fault_id)
        if held is None:
            return self.get(fault_id)
        async with held.lock:
            now_s = self._clock()
            if held.gone is not None or held.lease is None or held.stuck_because:
                return held.record(now_s=now_s)
            because = held.lease.over_because(now_s=now_s)
            if because:
                return await self._clear(held, ClearedBy.LEASE, because)
            renewed = held.lease.renew(now_s=now_s)
            left_s = renewed.left_s(now_s=self._clock())
            gone = await self._undoing.why_gone(held, renew_for_s=left_s)
            # What the response has rolled back is held on: only the restore looks at it last.
            if gone is not None and self._step_upon(held) is None:
                return await self._clear(held, *gone)
            held.lease = renewed
            return held.record(now_s=now_s)

    def get(self, fault_id: str) -> FaultRecord:
        """Raises RefusalError when nothing is known of it."""
        now_s = self._clock()
        if fault_id in self._held:
            return self._held[fault_id].record(now_s=now_s)
        if fault_id in self._memory.cleared:
            return self._memory.cleared[fault_id]
        if fault_id in self._memory.tombstones:
            return _never_armed(fault_id, self._memory.tombstones[fault_id])
        raise RefusalError(Why.UNKNOWN, f"no fault {fault_id} is known here")

    def faults(self, run_id: str | None = None) -> list[FaultRecord]:
        """What is held, and what was cleared lately."""
        now_s = self._clock()
        records = [*self._memory.cleared.values()]
        records += [held.record(now_s=now_s) for held in self._held.values()]
        return [record for record in records if run_id is None or record.run_id == run_id]

    def renewals(self, fault_id: str) -> int:
        held = self._held.get(fault_id)
        return held.lease.renewals if held and held.lease else 0

    def stuck_since(self, fault_id: str) -> datetime | None:
        held = self._held.get(fault_id)
        return held.stuck_at if held else None

    def holder(self, claim: str) -> Injection | None:
        """What holds this resource now; None when nothing does."""
        return next((held.wanted for held in self._held.values() if held.claim == claim), None)

    @property
    def stopped(self) -> bool:
        return self._memory.stopped

    # --- undoing ----------------------------------------------------------------------------

    async def clear(self, fault_id: str, by: ClearedBy, because: str = "") -> FaultRecord:
        """Undo a fault and verify it. An unknown id is tombstoned, so that it can never arm."""
        while (held := self._held.get(fault_id)) is not None:
            async with held.lock:
                if held.failure is None:  # else it was given up meanwhile, and may be back
                    return await self._clear(held, by, because)
        if fault_id not in self._memory.tombstones:
            self._journal.note(Entry(what="tombstone", id=fault_id))
        return self.get(fault_id)

    async def _clear(self, held: Held, by: ClearedBy, because: str) -> FaultRecord:
        if held.gone is not None:
            return held.gone
        await self._clear_upon(held, by, because)
        held.asked = held.asked or (by, because)
        if not held.undo_began:
            if unreadable := await self._undoing.look_first(held):
                self._stick(held, unreadable)
                return held.record(now_s=self._clock())
            self._credit_response(held)
            held.undo_began = True
            self._journal.note(Entry(what="undoing", id=held.id))
        problem = await self._undoing.restore(held)
        if problem:
            self._stick(held, problem)
            return held.record(now_s=self._clock())
        if held.lease is not None:
            held.evidence["renewals"] = held.lease.renewals
        held.gone = held.as_cleared(*held.asked)
        self._journal.note(Entry(what="cleared", id=held.id, record=held.gone))
        del self._held[held.id]
        return held.gone

    async def _clear_upon(self, held: Held, by: ClearedBy, because: str) -> None:
        """What a step has set on the same place goes first: it was set upon the fault."""
        for upon in [one for one in self._held.values() if _is_upon(one, held)]:
            await self.clear(upon.id, by, because)

    def _step_upon(self, held: Held) -> FaultRecord | None:
        """The step of its run that was called on the very place of this fault."""
        of_run = self.faults(held.wanted.run_id)
        upon = (one for one in of_run if one.step and one.claim == held.claim)
        return None if held.is_step else next(upon, None)

    def _credit_response(self, held: Held) -> None:
        """A fault that a step had rolled back did not vanish."""
        step = self._step_upon(held)
        if step is None or held.asked is None or held.asked[0] is not ClearedBy.VANISHED:
            return
        if step.evidence.get("unverified") == "":
            held.asked = (ClearedBy.RESPONSE, f"the step {step.kind} had put it back")
            held.evidence["rolled_back_at"] = step.evidence["answered_at"]

    def _beneath(self, held: Held) -> Undo | None:
        """What the fault has kept that a step is set upon; None where it is set upon none."""
        under = (one for one in self._held.values() if _is_upon(held, one))
        return next((one.undo for one in under), None)

    def _stick(self, held: Held, problem: str) -> None:
        held.tries += 1
        held.retry_at_s = self._clock() + RETRY_EVERY_S
        held.stuck_at = held.stuck_at or utc_now()
        noun = "time" if held.tries == 1 else "times"
        held.stuck_because = f"restore was tried {held.tries} {noun}: {problem}"

    # --- everything at once -----------------------------------------------------------------

    async def stop(self) -> list[FaultRecord]:
        """Clear everything and refuse new faults until `resume`, also after a restart."""
        if not self._memory.stopped:
            self._journal.note(Entry(what="stop"))
        return await self._clear_all(ClearedBy.STOP, "the injector was stopped")

    def resume(self) -> None:
        """Raises RefusalError when it cannot be written down."""
        self._append_or_refuse(Entry(what="resume"))

    def hear(self, word: Word) -> None:
        """Keep what somebody has said. Raises RefusalError."""
        if self.admission.words.is_new(word):
            self._append_or_refuse(Entry(what="word", word=word))

    def _append_or_refuse(self, entry: Entry) -> None:
        try:
            self._journal.append(entry)
        except OSError as error:
            raise RefusalError(
                Why.NO_RECORD, f"the journal cannot be written ({error.strerror})"
            ) from error

    async def end(self) -> list[FaultRecord]:
        """Clear everything because the process was asked to end; returns what could not be."""
        self.admission.ending = True
        records = await self._clear_all(ClearedBy.STOP, "the injector was asked to end")
        return [record for record in records if record.state is not FaultState.CLEARED]

    async def _clear_all(self, by: ClearedBy, because: str) -> list[FaultRecord]:
        """First what breaks something, and then what a response has set against it."""
        records: list[FaultRecord] = []
        for steps in (False, True):
            ids = [held.id for held in self._held.values() if held.is_step is steps]
            records += await asyncio.gather(*(self.clear(id_, by, because) for id_ in ids))
        return records

    async def recover(self, by: ClearedBy = ClearedBy.RECOVERY) -> list[FaultRecord]:
        """Undo what an earlier process left. Call it once, before serving."""
        for fault_id, outstanding in list(self._memory.outstanding.items()):
            assert outstanding.intent.injection is not None
            fault = self._fault_of(outstanding.intent.injection.fault)
            self._held[fault_id] = Held.left_behind(outstanding, fault)
        because = "the injector had died and was started again"
        if by is ClearedBy.SWEEP:
            because = "the injector did not answer, so the sweep undid it"
        return await self._clear_all(by, because)

    def _fault_of(self, spec: FaultSpec | StepSpec) -> Act | None:
        with contextlib.suppress(GamedayError):  # stuck, and said so, until its kind is back
            return self._make(spec)
        return None

    # --- time -------------------------------------------------------------------------------

    def tick(self) -> list[asyncio.Task[None]]:
        """Undo what is over, and try again what is stuck. Call it a few times a second.

        Each in a task of its own: a port that hangs must not keep another fault in force.
        """
        now_s = self._clock()
        with contextlib.suppress(OSError):
            self._journal.save_late()
        for held in self._held.values():
            busy = held.lock.locked() or (held.task is not None and not held.task.done())
            if not busy and (over := self._over(held, now_s)):
                held.task = asyncio.create_task(self._let_go(held, over))
        return [held.task for held in self._held.values() if held.task is not None]

    async def _let_go(self, held: Held, because: str) -> None:
        if held.is_step:
            await self._wait_for_faults(held.wanted.run_id)
        await self.clear(held.id, ClearedBy.LEASE, because)

    async def _wait_for_faults(self, run_id: str) -> None:
        """Let faults of the run go first, where that is their moment too; not for long."""
        going = [
            held.task
            for held in self._held.values()
            if held.wanted.run_id == run_id and not held.is_step and held.task is not None
        ]
        if going:
            await asyncio.wait(going, timeout=FAULTS_FIRST_S_MAX)

    @staticmethod
    def _over(held: Held, now_s: float) -> str:
        if held.stuck_because:
            return held.stuck_because if now_s >= held.retry_at_s else ""
        return held.lease.over_because(now_s=now_s) if held.lease is not None else ""


def _is_upon(step: Held, fault: Held) -> bool:
    """Whether a step is set on the very place of a fault of its run."""
    return (
        step.is_step
        and not fault.is_step
        and step.claim == fault.claim
        and step.wanted.run_id == fault.wanted.run_id
    )


def _never_armed(fault_id: str, at: datetime) -> FaultRecord:
    return FaultRecord(
        id=fault_id,
        run_id="",
        kind="",
        on="",
        claim="",
        state=FaultState.CLEARED,
        cleared_at=at,
        cleared_because="it was never armed here; a late inject of this id is refused",
    )
