"""The last line of clean-up, for people: needs neither Temporal nor a worker, nor the injector."""

import asyncio
import time
from pathlib import Path

from gameday.components._orphans import end_orphans
from gameday.domain.errors import GamedayError, InjectorError, InjectorUnreachableError
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.value import Value
from gameday.injector.act import make_act
from gameday.injector.client import InjectorClient
from gameday.injector.drivers import Drivers
from gameday.injector.journal import UndoJournal, read_journal
from gameday.injector.keeper import FaultKeeper
from gameday.injector.state import StateFolder

_TRY_FOR_S = 10.0
_ANSWER_WITHIN_S = 2.5  # for one call; undoing may take four times that


class SweepReport(Value):
    """What a sweep did, and what it could not do."""

    injector_answered: bool
    stop_is_set: bool
    cleared: tuple[FaultRecord, ...] = ()
    not_cleared: tuple[FaultRecord, ...] = ()
    left: tuple[str, ...] = ()  # what Toxiproxy and the gates still show; possibly not Gameday's
    unknown: tuple[str, ...] = ()  # what could not be found out, each a sentence

    @property
    def is_clean(self) -> bool:
        return self.stop_is_set and not (self.not_cleared or self.left or self.unknown)


async def sweep(state: Path, *, url: str, token: str = "", toxiproxy_url: str = "") -> SweepReport:
    """Clear every fault and leave stop set, whether or not the injector lives.

    toxiproxy_url: where Toxiproxy is, when the journal in `state` does not say.
    """
    folder = StateFolder(state)
    memory = read_journal(folder.journal)
    drivers = Drivers(
        toxiproxy_url or memory.toxiproxy, map(Path, memory.gates), map(Path, memory.targets)
    )
    client = InjectorClient(url, token, timeout_s=_ANSWER_WITHIN_S)
    give_up = time.monotonic() + _TRY_FOR_S
    while True:
        try:
            report = _report(await client.stop(), answered=True)
            break
        except InjectorUnreachableError as error:
            problem = error.sentence
        except InjectorError as error:  # it answers, but not to this token
            return SweepReport(injector_answered=True, stop_is_set=False, unknown=(error.sentence,))
        folder.prepare()
        lock = folder.take("control")
        if lock is not None:
            try:
                report = await _sweep_alone(folder, drivers)
            finally:
                lock.release()
            break
        if time.monotonic() > give_up:
            return _hung(folder, problem)
    return await _with_left(report, drivers)


async def _sweep_alone(folder: StateFolder, drivers: Drivers) -> SweepReport:
    """Do the injector's recovery. The caller holds the control process's lock."""
    journal = UndoJournal(folder.journal)
    try:
        ports = drivers.ports()
        keeper = FaultKeeper(journal, ports, make_act)
        held = (one.intent.claim for one in journal.memory.outstanding.values())
        if not drivers.named and any(claim.partition("/")[0] not in ports for claim in held):
            stopped = await keeper.stop()
            where = "a fault is outstanding, and nobody says where Toxiproxy or a gate is"
            return _report(stopped, answered=False, unknown=(where,))
        await asyncio.to_thread(end_orphans)
        records = await keeper.recover(ClearedBy.SWEEP)
        await keeper.stop()
        return _report(records, answered=False)
    finally:
        journal.close()


def _report(
    records: list[FaultRecord], *, answered: bool, unknown: tuple[str, ...] = ()
) -> SweepReport:
    gone = [record for record in records if record.state is FaultState.CLEARED]
    return SweepReport(
        injector_answered=answered,
        stop_is_set=True,
        cleared=tuple(gone),
        not_cleared=tuple(record for record in records if record not in gone),
        unknown=unknown,
    )


def _hung(folder: StateFolder, problem: str) -> SweepReport:
    pid = folder.pid("control")
    sentence = (
        f"{problem}, yet its control process {pid} lives; end it (kill -9 {pid}), sweep again"
    )
    return SweepReport(injector_answered=False, stop_is_set=False, unknown=(sentence,))


async def _with_left(report: SweepReport, drivers: Drivers) -> SweepReport:
    if not drivers.named:
        unsure = "nobody says where Toxiproxy or a gate is, so neither was looked at"
        return report.model_copy(update={"unknown": (*report.unknown, unsure)})
    left: tuple[str, ...] = ()
    unknown = report.unknown
    for look in (_left_at_toxiproxy, _left_at_gates):
        try:
            left += await look(drivers)
        except GamedayError as error:
            unknown += (error.sentence,)
    return report.model_copy(update={"left": left, "unknown": unknown})


async def _left_at_toxiproxy(drivers: Drivers) -> tuple[str, ...]:
    if drivers.toxiproxy is None:
        return ()
    proxies = await drivers.toxiproxy.survey()
    left = [f"the proxy {proxy.name} is disabled" for proxy in proxies if not proxy.enabled]
    left += [
        f"the proxy {proxy.name} carries the toxic {toxic.name}"
        for proxy in proxies
        for toxic in proxy.toxics
    ]
    return tuple(left)


async def _left_at_gates(drivers: Drivers) -> tuple[str, ...]:
    return await drivers.gates.survey()
