"""Carries out the steps of an incident, which are to stay: no lease, and nobody's stop undoes one.

The intent and what puts it back are on disk before a mechanism is called. What a crash left open is
read back at the next start and said so; it is never undone but by `undo`, and never done twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from gameday.catalog.kinds import steps
from gameday.domain.act import ActOrder, ActOutlook, ActRecord, ActState
from gameday.domain.component import Version
from gameday.domain.drill import StepSpec
from gameday.domain.errors import (
    ComponentError,
    ComponentUnreachableError,
    GamedayError,
    InjectorError,
    InjectorUnreachableError,
)
from gameday.domain.lease import component_place
from gameday.domain.ports import Undo
from gameday.domain.step import Kept, Step
from gameday.injector.act_admission import ActAdmission, claim_of
from gameday.injector.clock import utc_now
from gameday.injector.components import Components
from gameday.injector.journal import Entry, KeptAct, UndoJournal
from gameday.injector.keeper import FaultKeeper
from gameday.injector.proposed import approvals_of
from gameday.injector.refusal import RefusalError, Why


class ActKeeper:
    """Every act of one injector, by the id that its workflow chose."""

    def __init__(
        self,
        journal: UndoJournal,
        faults: FaultKeeper,
        components: Components,
        make: Callable[[StepSpec], Step] = steps.make,
    ) -> None:
        self._journal = journal
        self._memory = journal.memory
        self._faults = faults
        self._components = components
        self._make = make
        self._admission = ActAdmission(faults, make)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by claim
        self._begun: dict[str, ActRecord] = {}  # let in, and not on disk yet

    # --- reading ----------------------------------------------------------------------------

    def get(self, act_id: str) -> ActRecord:
        """Raises RefusalError when nothing is known of it."""
        return self._find(act_id).record

    def acts(self, run_id: str | None = None) -> list[ActRecord]:
        """In the order in which they were begun."""
        records = [act.record for act in self._memory.acts.values()]
        return [record for record in records if run_id is None or record.run_id == run_id]

    async def outlook(self, order: ActOrder) -> ActOutlook:
        """What would become of it now. Touches nothing."""
        needed, people = self._approvals(order)
        refusal, already = "", False
        try:
            step = self._admission.admit_if_approved(order, self.acts())
            kept = self._kept(order)
            already = not await step.verify(kept, await step.snapshot(kept))
            refusal = "" if already else await step.ready(kept)
        except GamedayError as error:
            refusal = error.sentence
        return ActOutlook(refusal=refusal, already=already, approvals=needed, approved_by=people)

    # --- carrying out -----------------------------------------------------------------------

    async def carry_out(self, act_id: str, order: ActOrder) -> ActRecord:
        """Do it, or return its record when it was done. Raises InjectorError.

        What the mechanism did or said is no error: the record tells. One that a crash kept from
        being called, as it reads back, is called now.
        """
        async with self._locks[claim_of(order)]:
            known = self._memory.acts.get(act_id)
            if known is not None:
                if known.order != order:
                    raise RefusalError(Why.CONFLICT, f"act {act_id} is on record, as another one")
                await self._look_back(known)
                if not _was_lost(known.record):
                    return known.record
            others = {act.id: act for act in (*self.acts(), *self._begun.values())}
            others.pop(act_id, None)
            step = self._admission.admit(order, others.values())
            self._begun[act_id] = self._as_begun(act_id, order)
            try:
                return await self._carry_out(self._begun[act_id], order, step, known)
            finally:
                del self._begun[act_id]

    async def _carry_out(
        self, begun: ActRecord, order: ActOrder, step: Step, known: KeptAct | None
    ) -> ActRecord:
        kept = self._kept(order)
        try:
            undo = await step.snapshot(kept) if known is None else known.undo
            in_force = not await step.verify(kept, undo)
            obstacle = "" if in_force else await step.ready(kept)
            before = await kept.backend.read() if known is None else known.record.before
        except ComponentError as error:
            raise _as_refusal(error) from error
        if obstacle:
            raise RefusalError(Why.CONFLICT, obstacle)
        self._faults.admission.refuse_when_stopped("")  # somebody may have stopped it meanwhile
        already = in_force and known is None
        told = {"already": already, "before": before, "to": step.wanted(kept.component)}
        begun = begun.model_copy(update=told | {"seen_as": step.seen_as(kept.component)})
        if known is not None:
            begun = begun.model_copy(update={"recovered": known.record.recovered})
        self._write_down(begun, order, undo)
        failed = "" if in_force else await _call(step, kept, undo)
        called = begun.model_copy(update={"failed": failed, "answered_at": utc_now()})
        return self._note(await _read_back(called, step, kept, undo))

    def _as_begun(self, act_id: str, order: ActOrder) -> ActRecord:
        proposal, (_, people) = order.proposal, self._approvals(order)
        return ActRecord(
            id=act_id,
            run_id=proposal.run_id,
            target=proposal.target,
            environment=proposal.environment,
            incident=proposal.incident,
            step=order.step,
            proposal_digest=proposal.digest,
            asked_by=proposal.asked_by,
            allowed_by=self._faults.admission.policy.words_of(self._admission.rule_for(order)),
            approved_by=people,
            state=ActState.UNKNOWN,
            called_at=utc_now(),
        )

    def _approvals(self, order: ActOrder) -> tuple[int, tuple[str, ...]]:
        admission = self._faults.admission
        return approvals_of(admission.words, admission.policy, order.proposal, order.step)

    def _write_down(self, begun: ActRecord, order: ActOrder, undo: Undo) -> None:
        try:
            self._journal.append(Entry(what="act", id=begun.id, order=order, undo=undo, act=begun))
        except OSError as error:
            raise RefusalError(
                Why.NO_RECORD,
                f"the journal cannot be written ({error.strerror}), so nothing was called",
                next_step="make room on the disk of the injector's state folder",
            ) from error

    # --- reading back, and the way back -----------------------------------------------------

    async def verify(self, act_id: str) -> ActRecord:
        """Read back again: a change may take its time to be in force. Raises RefusalError."""
        known = self._find(act_id)
        async with self._locks[claim_of(known.order)]:
            await self._look_back(known)
            if known.record.state is ActState.UNDONE:
                return known.record
            step, kept = self._make(known.order.step), self._kept(known.order)
            return self._note(await _read_back(known.record, step, kept, known.undo))

    async def undo(self, act_id: str) -> ActRecord:
        """Put back what was there before, unless somebody else has changed it meanwhile.

        Also while the injector is stopped. `undo_failed` of the record says why it did not work.
        """
        known = self._find(act_id)
        async with self._locks[claim_of(known.order)]:
            await self._look_back(known)
            if known.record.state is ActState.UNDONE:
                return known.record
            if known.record.already:  # it was not set here: there is nothing to put back
                return self._note(known.record.model_copy(update=_as_undone()))
            step, kept = self._make(known.order.step), self._kept(known.order)
            self._journal.note(Entry(what="act_undoing", id=act_id))
            return self._note(await _undone(known.record, step, kept, known.undo))

    async def recover(self) -> None:
        """Read back what an earlier process left open. Undoes nothing."""
        for known in [act for act in self._memory.acts.values() if act.open]:
            async with self._locks[claim_of(known.order)]:
                await self._look_back(known)

    async def _look_back(self, known: KeptAct) -> None:
        """Find out what became of an act whose end is not on record."""
        if not known.open:
            return
        record, undo = known.record, known.undo
        what = "undone" if known.undoing else "carried out"
        try:
            step, kept = self._make(known.order.step), self._kept(known.order)
            if known.undoing and not await step.verify_undone(kept, undo):
                record = record.model_copy(update=_as_undone())
            else:
                record = await _read_back(record, step, kept, undo)
        except Exception as error:  # noqa: BLE001 - one that cannot be looked at must not keep the others from it
            unread = f"it could not be read back: {_said_by(error)}"
            record = record.model_copy(update={"state": ActState.UNKNOWN, "unverified": unread})
        told = f"the injector died while it was {what}, and looked at it again since"
        self._note(record.model_copy(update={"recovered": told}))

    def _note(self, record: ActRecord) -> ActRecord:
        self._journal.note(Entry(what="acted", id=record.id, act=record))
        return record

    def _find(self, act_id: str) -> KeptAct:
        if act_id not in self._memory.acts:
            raise RefusalError(Why.UNKNOWN, f"no act {act_id} is known here")
        return self._memory.acts[act_id]

    def _kept(self, order: ActOrder) -> Kept:
        return self._components.kept(component_place(order.proposal.target, order.step.on))


def _was_lost(record: ActRecord) -> bool:
    """Whether a crash came before the mechanism was called, as far as can be read back."""
    return bool(record.recovered) and record.state is ActState.NOT_DONE and not record.answered_at


async def _call(step: Step, kept: Kept, undo: Undo) -> str:
    """What the mechanism said against it; '' when nothing."""
    try:
        await step.act(kept, undo)
    except Exception as error:  # noqa: BLE001 - a step of another package may raise anything, and may have changed something all the same
        return _said_by(error)
    return ""


async def _read_back(record: ActRecord, step: Step, kept: Kept, undo: Undo) -> ActRecord:
    try:
        unverified = await step.verify(kept, undo)
        state = ActState.NOT_DONE if unverified else ActState.DONE
    except Exception as error:  # noqa: BLE001 - as when it was called
        unverified, state = f"it could not be read back: {_said_by(error)}", ActState.UNKNOWN
    found: dict[str, Any] = {"state": state, "unverified": unverified, "verified_at": utc_now()}
    return record.model_copy(update=found | {"after": await _version(kept)})


async def _undone(record: ActRecord, step: Step, kept: Kept, undo: Undo) -> ActRecord:
    try:
        await step.undo(kept, undo)
        failed = await step.verify_undone(kept, undo)
    except Exception as error:  # noqa: BLE001 - as when it was called
        failed = _said_by(error, and_next=True)
    if failed:
        return record.model_copy(update={"undo_failed": failed, "after": await _version(kept)})
    return record.model_copy(update=_as_undone() | {"after": await _version(kept)})


def _as_undone() -> dict[str, Any]:
    return {"state": ActState.UNDONE, "undone_at": utc_now(), "undo_failed": ""}


async def _version(kept: Kept) -> Version | None:
    """What it stands at; None where it cannot be read, as the record then says."""
    try:
        return await kept.backend.read()
    except ComponentError:
        return None


def _as_refusal(error: ComponentError) -> InjectorError:
    """Before anything was touched: a no, or nobody's answer, after which it may be asked again."""
    if isinstance(error, ComponentUnreachableError):
        return InjectorUnreachableError(error.sentence, next_step=error.next_step)
    return RefusalError(Why.CONFLICT, error.sentence, next_step=error.next_step)


def _said_by(error: Exception, *, and_next: bool = False) -> str:
    if not isinstance(error, GamedayError):
        return f"{type(error).__name__}: {error}"
    return (
        f"{error.sentence}; {error.next_step}" if and_next and error.next_step else error.sentence
    )
