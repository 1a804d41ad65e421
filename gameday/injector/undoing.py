"""Undoes one fault and verifies it by reading back; says in a sentence what is in the way."""

from collections.abc import Callable, Mapping
from typing import Any

from gameday.domain.drill import FaultSpec, StepSpec
from gameday.domain.errors import (
    GamedayError,
    InjectorError,
    InjectorUnreachableError,
    LeaseEndedError,
)
from gameday.domain.lease import ClearedBy
from gameday.domain.ports import Undo
from gameday.injector.act import Act
from gameday.injector.clock import Clock
from gameday.injector.held import Held
from gameday.injector.journal import Entry, UndoJournal
from gameday.injector.port import Asked, PathGoneError, Port
from gameday.injector.refusal import RefusalError, Why


class Undoing:
    """Works on one held fault at a time; the caller holds its lock."""

    def __init__(
        self,
        journal: UndoJournal,
        ports: Mapping[str, Port],
        make: Callable[[FaultSpec | StepSpec], Act],
        clock: Clock,
        beneath: Callable[[Held], Undo | None],
    ) -> None:
        """beneath: what the fault has kept that a step is set upon; None where there is none."""
        self._journal = journal
        self._ports = ports
        self._make = make
        self._clock = clock
        self._beneath = beneath

    def port(self, held: Held) -> Port:
        """Raises RefusalError when this injector was started without it."""
        if held.port not in self._ports:
            raise RefusalError(Why.CONFLICT, f"nobody says where {held.claim} is")
        return self._ports[held.port]

    def path(self, held: Held) -> Any:
        left_s = held.lease.left_s(now_s=self._clock()) if held.lease is not None else 0.0
        return self.port(held).path(held.name, Asked(held.wanted, left_s, self._beneath(held)))

    async def why_gone(
        self, held: Held, *, renew_for_s: float | None = None
    ) -> tuple[ClearedBy, str] | None:
        """What made it go, when it is not in force any more; None while it is.

        renew_for_s: let the port's own lease run so long from now, if it is in force.
        Raises InjectorUnreachableError when nobody can know.
        """
        assert held.fault is not None
        port = self.port(held)
        try:
            await port.verify(held.name, held.id, held.evidence)
            await held.fault.confirm(self.path(held), held.id)
            if renew_for_s is not None:
                await port.renew(held.name, held.id, renew_for_s)
        except InjectorUnreachableError:
            raise
        except LeaseEndedError as error:
            return ClearedBy.LEASE, error.sentence
        except PathGoneError as error:
            return ClearedBy.VANISHED, error.sentence
        except InjectorError:
            gone = f"{held.claim} was found without it, and nobody says that they undid it"
            return ClearedBy.VANISHED, gone
        return None

    async def look_first(self, held: Held) -> str:
        """See whether it was still there, and count what only now can be counted.

        Returns why nothing can be done yet: then nobody has undone anything, and whether it
        vanished is still to be seen. Empty when undoing may begin.
        """
        assert held.asked is not None
        if held.fault is None:
            return ""
        try:
            gone = await self.why_gone(held)
            # Two leases that end at once are one end, and ours says more about it.
            if gone is not None and not gone[0] == held.asked[0] == ClearedBy.LEASE:
                held.asked = gone
            counted = await held.fault.measure(self.path(held), held.id)
            held.evidence |= suffixed(counted, "at_clear")
        except PathGoneError as error:
            held.asked = (ClearedBy.VANISHED, error.sentence)
        except InjectorUnreachableError as error:
            held.evidence["unread_at_clear"] = error.sentence
            return "" if await self.port(held).answers() else error.sentence
        except Exception as error:  # noqa: BLE001 - what cannot be counted must not keep a fault in force
            held.evidence["unread_at_clear"] = as_injector_error(error, "unread").sentence
        return ""

    async def restore(self, held: Held) -> str:
        """Undo it and read back. Returns what is in the way; empty when it is verified as gone."""
        try:
            fault = held.fault or self._make(held.wanted.fault)
            held.fault = fault
            if held.rebuilding:
                return await self._rebuild(held, fault)
            await fault.restore(self.path(held), held.id, held.undo)
            return await self._unlike_before(held, fault)
        except PathGoneError as error:
            held.asked = (ClearedBy.VANISHED, error.sentence)
            return ""
        except InjectorUnreachableError as error:
            return await self._after_hang(held, error)
        except Exception as error:  # noqa: BLE001 - a fault of another package may raise anything, and is tried again
            told = as_injector_error(error, "restore failed")
            return f"{told.sentence}; {told.next_step}" if told.next_step else told.sentence

    async def _unlike_before(self, held: Held, fault: Act) -> str:
        if not await fault.is_restored(self.path(held), held.id, held.undo):
            return f"{held.claim} reads back unlike its snapshot"
        try:
            held.evidence |= await fault.afterwards(self.path(held))
        except GamedayError as error:  # it is verified as gone: only what is shown of it is missing
            held.evidence["unread_after"] = error.sentence
        return ""

    async def _after_hang(self, held: Held, error: InjectorUnreachableError) -> str:
        """Nobody answered. If somebody does answer other questions, this path hangs: remake it."""
        if not await self.port(held).answers() or held.fault is None:
            return error.sentence
        held.rebuilding = True
        # On disk first: a crash between deleting and creating would lose the path for ever.
        self._journal.note(Entry(what="rebuilding", id=held.id))
        try:
            return await self._rebuild(held, held.fault)
        except Exception as worse:  # noqa: BLE001 - as in restore
            return as_injector_error(worse, "making the path anew failed").sentence

    async def _rebuild(self, held: Held, fault: Act) -> str:
        done = await self.port(held).rebuild(held.name, held.before)
        problem = await self._unlike_before(held, fault)
        if not problem and held.asked is not None:
            by, because = held.asked
            remade = f"{held.claim} {done}"
            held.asked = (by, f"{because}; {remade}" if because else remade)
        return problem


def suffixed(facts: dict[str, Any], when: str) -> dict[str, Any]:
    return {f"{name}_{when}": value for name, value in facts.items()}


def as_injector_error(error: Exception, what: str) -> InjectorError:
    """`error` as one that has a sentence for a person."""
    if isinstance(error, InjectorError):
        return error
    if isinstance(error, GamedayError):
        return InjectorError(error.sentence, next_step=error.next_step)
    if isinstance(error, OSError):
        return RefusalError(Why.NO_RECORD, f"{what}: {error.strerror or error}")
    return InjectorError(f"{what}: {type(error).__name__}: {error}")
