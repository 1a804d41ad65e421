"""Undoing: verified by reading back, never believed; what is in the way is said and tried again."""

from pathlib import Path

import pytest

from gameday.domain.errors import LeaseEndedError
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.ports import ConnectionPath
from gameday.faults.connection_refused import ConnectionRefused
from gameday.injector import journal as journal_module
from gameday.injector.keeper import RETRY_EVERY_S
from gameday.injector.port import PathGoneError
from gameday.injector.refusal import Why
from tests.gameday.injector.bench import Bench, refused
from tests.gameday.injector.rig import injection


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("kind", ["connection_refused", "blackhole"])
@pytest.mark.parametrize("finds", ["renew", "clear"])
async def test_a_fault_that_somebody_removed_has_vanished(bench: Bench, kind: str, finds: str):
    await bench.keeper.arm("f1", injection(kind))
    bench.port.change("primary", enabled=True, toxics=())
    if finds == "renew":
        record = await bench.keeper.renew("f1")
    else:
        record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert record.cleared_by is ClearedBy.VANISHED
    assert bench.port.is_clean("primary")


async def test_half_of_a_fault_removed_is_vanished_and_the_rest_is_undone(bench: Bench):
    await bench.keeper.arm("f1", injection("blackhole"))
    bench.port.change("primary", toxics=bench.port.state("primary").toxics[:1])
    record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert record.cleared_by is ClearedBy.VANISHED
    assert bench.port.is_clean("primary")


async def test_a_fault_vanishes_with_its_proxy(bench: Bench):
    await bench.keeper.arm("f1", injection())
    del bench.port.states["primary"]
    record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert record.cleared_by is ClearedBy.VANISHED
    assert "no proxy 'primary'" in record.cleared_because


class EndsItself(ConnectionRefused):
    """Confirmed once; afterwards its port has let it go with a lease of its own."""

    async def confirm(self, path: ConnectionPath, fault_id: str) -> dict:
        if (await path.read()).enabled:
            raise LeaseEndedError("the port ended it with its lease")
        return await super().confirm(path, fault_id)


@pytest.mark.parametrize("finds", ["renew", "clear", "recover"])
async def test_what_the_port_ended_with_its_own_lease_is_no_riddle(tmp_path: Path, finds: str):
    bench = Bench(tmp_path, lambda spec: EndsItself())
    await bench.keeper.arm("f1", injection())
    bench.port.change("primary", enabled=True)
    match finds:
        case "renew":
            record = await bench.keeper.renew("f1")
        case "clear":
            record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
        case _:
            bench.restart()
            (record,) = await bench.keeper.recover()
    assert record.cleared_by is ClearedBy.LEASE
    assert record.cleared_because == "the port ended it with its lease"


async def test_of_two_leases_that_end_together_ours_is_told(tmp_path: Path):
    bench = Bench(tmp_path, lambda spec: EndsItself())
    await bench.keeper.arm("f1", injection())
    bench.port.change("primary", enabled=True)
    await bench.pass_time(15)
    record = bench.keeper.get("f1")
    assert record.cleared_by is ClearedBy.LEASE
    assert record.cleared_because == "the lease of 15 s was not renewed"


@pytest.mark.parametrize("finds", ["renew", "clear", "lease"])
async def test_what_only_the_port_knows_of_a_fault_that_is_gone_is_told(bench: Bench, finds: str):
    await bench.keeper.arm("f1", injection())
    bench.port.lost = PathGoneError("the gate was started again and took the rule with it")
    match finds:
        case "renew":
            record = await bench.keeper.renew("f1")
        case "clear":
            record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
        case _:
            await bench.pass_time(15)
            record = bench.keeper.get("f1")
    assert record.cleared_by is ClearedBy.VANISHED
    assert record.cleared_because == "the gate was started again and took the rule with it"
    assert bench.port.is_clean("primary")


async def test_stuck_until_somebody_answers(bench: Bench):
    await bench.keeper.arm("f1", injection())
    bench.port.dead = True
    record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert record.state is FaultState.STUCK
    assert "did not answer" in record.cleared_because
    await refused(bench.keeper.arm("f2", injection()), Why.CONFLICT, "held by run RUN1")
    for _ in range(3):
        await bench.pass_time(RETRY_EVERY_S)
    assert "tried 4 times" in bench.keeper.get("f1").cleared_because
    bench.port.dead = False
    await bench.pass_time(RETRY_EVERY_S)
    record = bench.keeper.get("f1")
    assert (record.state, record.cleared_by) == (FaultState.CLEARED, ClearedBy.RESTORE)
    assert bench.port.is_clean("primary")


async def test_a_restore_that_changed_nothing_is_not_believed(tmp_path: Path):
    class Lazy(ConnectionRefused):
        async def restore(self, path: ConnectionPath, fault_id: str, undo: dict) -> None:
            pass

    bench = Bench(tmp_path, lambda spec: Lazy())
    await bench.keeper.arm("f1", injection())
    record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert record.state is FaultState.STUCK
    assert "unlike its snapshot" in record.cleared_because
    bench.port.change("primary", enabled=True)  # a person does it
    await bench.pass_time(RETRY_EVERY_S)
    assert bench.keeper.get("f1").state is FaultState.CLEARED


async def test_what_a_restarted_port_has_lost_was_not_undone_by_us(bench: Bench):
    await bench.keeper.arm("f1", injection())
    bench.port.dead = True
    await bench.keeper.clear("f1", ClearedBy.RESTORE)
    bench.port.dead = False
    bench.port.change("primary", enabled=True)  # started again, with its first configuration
    await bench.pass_time(RETRY_EVERY_S)
    assert bench.keeper.get("f1").cleared_by is ClearedBy.VANISHED


async def test_a_path_that_hangs_is_made_anew_and_said_so(bench: Bench):
    await bench.keeper.arm("f1", injection("blackhole"))
    bench.port.hangs.add("primary")
    record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert record.cleared_by is ClearedBy.RESTORE
    assert "made anew" in record.cleared_because
    assert bench.port.rebuilt == ["primary"]
    assert bench.port.is_clean("primary")


async def test_a_crash_while_a_path_is_made_anew_does_not_lose_it(bench: Bench):
    await bench.keeper.arm("f1", injection("blackhole"))
    bench.journal.note(journal_module.Entry(what="rebuilding", id="f1"))
    del bench.port.states["primary"]  # deleted, and not yet created again
    bench.restart()
    (record,) = await bench.keeper.recover()
    assert record.cleared_by is ClearedBy.RECOVERY
    assert bench.port.is_clean("primary")
