"""The keeper: what is armed, what goes when, and that nothing is left or armed twice."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.drill import FaultSpec
from gameday.domain.errors import InjectorError, InjectorRefusedError, InjectorUnreachableError
from gameday.domain.fault import Fault
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.ports import ConnectionPath
from gameday.faults.connection_refused import ConnectionRefused
from gameday.injector.journal import read_journal
from gameday.injector.keeper import RETRY_EVERY_S
from gameday.injector.refusal import RefusalError, Why
from tests.gameday.injector.bench import Bench, full_disk, refused
from tests.gameday.injector.rig import injection


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


# --- arming -------------------------------------------------------------------------------------


async def test_armed_with_evidence_and_a_lease(bench: Bench):
    record = await bench.keeper.arm("f1", injection())
    assert record.state is FaultState.ARMED
    assert record.claim == "toxiproxy/primary"
    assert record.evidence["dial"] == "refused"
    assert (record.expires_in_s, record.deadline_in_s) == (15, 120)
    assert record.confirm_ms is not None
    assert not bench.port.is_clean("primary")


async def test_intent_is_on_disk_before_anything_is_touched(tmp_path: Path):
    seen: list[bool] = []

    class Watching(ConnectionRefused):
        async def inject(self, path: ConnectionPath, fault_id: str) -> None:
            outstanding = read_journal(tmp_path / "undo.jsonl").outstanding
            seen.append(fault_id in outstanding and outstanding[fault_id].intent.undo["enabled"])
            await super().inject(path, fault_id)

    await Bench(tmp_path, lambda spec: Watching()).keeper.arm("f1", injection())
    assert seen == [True]


async def test_same_request_again_returns_the_record(bench: Bench):
    first = await bench.keeper.arm("f1", injection())
    assert await bench.keeper.arm("f1", injection()) == first
    await refused(bench.keeper.arm("f1", injection("latency")), Why.CONFLICT, "with other settings")


async def test_of_two_at_once_one_is_let_in(bench: Bench):
    both = [bench.keeper.arm("f1", injection()), bench.keeper.arm("f2", injection("latency"))]
    first, second = await asyncio.gather(*both, return_exceptions=True)
    assert first.state is FaultState.ARMED
    assert isinstance(second, RefusalError)
    same = [bench.keeper.arm("f4", injection(proxy="secondary")) for _ in range(3)]
    records = await asyncio.gather(*same)
    assert len({record.armed_at for record in records}) == 1


# --- what fails while arming ------------------------------------------------------------------


async def test_failed_inject_is_undone_and_may_be_tried_again(bench: Bench):
    bench.port.refuses_toxics = True
    with pytest.raises(InjectorRefusedError, match="no toxic today"):
        await bench.keeper.arm("f1", injection("blackhole"))
    assert bench.port.is_clean("primary")
    assert not read_journal(bench.path).outstanding
    bench.port.refuses_toxics = False
    assert (await bench.keeper.arm("f1", injection("blackhole"))).state is FaultState.ARMED


async def test_failed_inject_that_cannot_be_undone_is_stuck_until_it_is(tmp_path: Path):
    class Dying(ConnectionRefused):
        async def confirm(self, path: ConnectionPath, fault_id: str) -> dict:
            bench.port.dead = True
            raise InjectorUnreachableError("gone silent")

    bench = Bench(tmp_path, lambda spec: Dying())
    with pytest.raises(InjectorUnreachableError, match="gone silent"):
        await bench.keeper.arm("f1", injection())
    assert bench.keeper.get("f1").state is FaultState.STUCK
    bench.port.dead = False
    await bench.pass_time(RETRY_EVERY_S)
    record = bench.keeper.get("f1")
    assert (record.state, record.cleared_by) == (FaultState.CLEARED, ClearedBy.RESTORE)
    assert "could not be armed" in record.cleared_because
    assert bench.port.is_clean("primary")


async def test_full_disk_refuses_a_new_fault(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    full_disk(monkeypatch)
    await refused(bench.keeper.arm("f1", injection()), Why.NO_RECORD, "No space left")
    assert bench.port.is_clean("primary")
    assert not bench.keeper.faults()


async def test_full_disk_does_not_keep_a_fault_in_force(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    await bench.keeper.arm("f1", injection())
    with monkeypatch.context() as patch:
        full_disk(patch)
        record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
        assert record.cleared_by is ClearedBy.RESTORE
        assert bench.port.is_clean("primary")
        assert "f1" in read_journal(bench.path).outstanding
    await bench.pass_time(0.1)
    assert "f1" in read_journal(bench.path).cleared


# --- what goes, and when ----------------------------------------------------------------------


async def test_silence_ends_the_lease(bench: Bench):
    await bench.keeper.arm("f1", injection())
    await bench.pass_time(14.9)
    assert bench.keeper.get("f1").state is FaultState.ARMED
    await bench.pass_time(0.1)
    record = bench.keeper.get("f1")
    assert record.cleared_by is ClearedBy.LEASE
    assert record.cleared_because == "the lease of 15 s was not renewed"
    assert bench.port.is_clean("primary")
    assert (await bench.keeper.renew("f1")) == record  # a late renewal revives nothing


async def test_deadline_ends_it_though_it_is_renewed(bench: Bench):
    await bench.keeper.arm("f1", injection(deadline_s=30.0))
    for _ in range(10):
        await bench.pass_time(3)
        await bench.keeper.renew("f1")
    record = bench.keeper.get("f1")
    assert record.cleared_because == "the deadline of 30 s was over"
    assert record.evidence["renewals"] == 9


async def test_renewal_after_the_end_but_before_the_tick_is_too_late(bench: Bench):
    await bench.keeper.arm("f1", injection())
    bench.now_s += 15
    assert (await bench.keeper.renew("f1")).cleared_by is ClearedBy.LEASE


async def test_what_nobody_can_read_is_not_renewed(bench: Bench):
    await bench.keeper.arm("f1", injection())
    bench.now_s += 10
    bench.port.dead = True
    with pytest.raises(InjectorUnreachableError):
        await bench.keeper.renew("f1")
    record = bench.keeper.get("f1")
    assert (record.state, record.expires_in_s) == (FaultState.ARMED, 5)
    assert bench.port.lease_left_s == 0


async def test_the_port_is_told_what_is_left_of_the_lease(tmp_path: Path):
    class Slow(ConnectionRefused):
        async def snapshot(self, path: ConnectionPath) -> dict:
            bench.now_s += 2
            return await super().snapshot(path)

    bench = Bench(tmp_path, lambda spec: Slow())
    await bench.keeper.arm("f1", injection(lease_s=10.0, deadline_s=25.0))
    assert bench.port.asked.injection.run_id == "RUN1"
    assert bench.port.asked.lease_left_s == 8
    # A full lease, and then no more than the deadline leaves.
    for passed_s, left_s in ((7, 10), (9, 7)):
        bench.now_s += passed_s
        await bench.keeper.renew("f1")
        assert bench.port.lease_left_s == left_s


async def test_first_one_to_clear_it_is_remembered(bench: Bench):
    await bench.keeper.arm("f1", injection())
    first = await bench.keeper.clear("f1", ClearedBy.GUARDIAN)
    assert await bench.keeper.clear("f1", ClearedBy.RESTORE) == first
    assert first.cleared_by is ClearedBy.GUARDIAN
    bench.restart()
    assert bench.keeper.get("f1") == first


async def test_late_inject_after_a_clear_is_refused(bench: Bench):
    record = await bench.keeper.clear("f1", ClearedBy.RESTORE)
    assert (record.state, record.armed_at, record.cleared_by) == (FaultState.CLEARED, None, None)
    await refused(bench.keeper.arm("f1", injection()), Why.CONFLICT, "late inject")
    bench.restart()
    await refused(bench.keeper.arm("f1", injection()), Why.CONFLICT, "late inject")


async def test_a_fault_of_another_package_may_raise_anything(tmp_path: Path):
    class Clumsy(ConnectionRefused):
        async def confirm(self, path: ConnectionPath, fault_id: str) -> dict:
            raise ZeroDivisionError("oops")

    bench = Bench(tmp_path, lambda spec: Clumsy())
    with pytest.raises(InjectorError, match="connection_refused failed: ZeroDivisionError: oops"):
        await bench.keeper.arm("f1", injection())
    assert bench.port.is_clean("primary")


# --- everything at once -----------------------------------------------------------------------


async def test_stop_clears_everything_and_survives_a_restart(bench: Bench):
    await bench.keeper.arm("f1", injection())
    await bench.keeper.arm("f2", injection("latency", proxy="secondary"))
    records = await bench.keeper.stop()
    assert {record.cleared_by for record in records} == {ClearedBy.STOP}
    assert bench.port.is_clean("primary")
    assert bench.port.is_clean("secondary")
    bench.restart()
    await refused(bench.keeper.arm("f3", injection()), Why.CONFLICT, "stopped")
    assert "stopped" in await bench.keeper.check(injection())
    bench.keeper.resume()
    bench.restart()
    assert (await bench.keeper.arm("f3", injection())).state is FaultState.ARMED


async def test_stop_while_arming_leaves_nothing(bench: Bench):
    arming = asyncio.create_task(bench.keeper.arm("f1", injection("blackhole")))
    await asyncio.sleep(0)
    await bench.keeper.stop()
    await arming
    assert bench.port.is_clean("primary")
    assert bench.keeper.get("f1").cleared_by is ClearedBy.STOP


async def test_ending_clears_without_leaving_stop_set(bench: Bench):
    await bench.keeper.arm("f1", injection())
    assert await bench.keeper.end() == []
    assert bench.keeper.get("f1").cleared_because == "the injector was asked to end"
    await refused(bench.keeper.arm("f2", injection()), Why.CONFLICT, "ending")
    bench.restart()
    assert not bench.keeper.stopped


async def test_recovery_undoes_an_inject_that_was_cut_short(tmp_path: Path):
    class Killed(BaseException):
        pass

    class CutShort(ConnectionRefused):
        async def inject(self, path: ConnectionPath, fault_id: str) -> None:
            await super().inject(path, fault_id)
            raise Killed

    bench = Bench(tmp_path, lambda spec: CutShort())
    with pytest.raises(Killed):
        await bench.keeper.arm("f1", injection())
    assert not bench.port.is_clean("primary")
    bench.restart()
    (record,) = await bench.keeper.recover()
    assert record.cleared_by is ClearedBy.RECOVERY
    assert bench.port.is_clean("primary")
    await refused(bench.keeper.arm("f1", injection()), Why.CONFLICT, "late inject")


async def test_recovery_keeps_trying_while_nobody_answers(bench: Bench):
    await bench.keeper.arm("f1", injection())
    bench.port.dead = True
    bench.restart()
    (record,) = await bench.keeper.recover()
    assert record.state is FaultState.STUCK
    bench.port.dead = False
    await bench.pass_time(RETRY_EVERY_S)
    assert bench.keeper.get("f1").cleared_by is ClearedBy.RECOVERY
    assert bench.port.is_clean("primary")


async def test_recovery_of_a_kind_that_is_not_installed_is_stuck(tmp_path: Path):
    bench = Bench(tmp_path)
    await bench.keeper.arm("f1", injection())
    installed = bench.make

    def missing(spec: FaultSpec) -> Fault:
        return installed(spec.model_copy(update={"kind": "not_installed"}))

    bench.make = missing
    bench.restart()
    (record,) = await bench.keeper.recover()
    assert record.state is FaultState.STUCK
    assert "not_installed" in record.cleared_because


# --- any sequence at all ----------------------------------------------------------------------

IDS = ["f1", "f2", "f3"]
acts = st.one_of(
    st.tuples(
        st.just("arm"),
        st.sampled_from(IDS),
        st.sampled_from(["primary", "secondary"]),
        st.sampled_from(["connection_refused", "blackhole"]),
    ),
    st.tuples(st.just("renew"), st.sampled_from(IDS)),
    st.tuples(st.just("clear"), st.sampled_from(IDS)),
    st.tuples(st.just("time"), st.sampled_from([1.0, 4.0, 9.0, 30.0])),
    st.sampled_from([("stop",), ("resume",), ("restart",), ("dies",), ("answers",)]),
)


class History:
    """Plays acts against a keeper and holds after each what must always be true."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(folder)
        self.gone: dict[str, object] = {}
        self.last_renewed: dict[str, float] = {}
        self.armed_at: dict[str, float] = {}

    async def play(self, act: tuple) -> None:  # noqa: C901 - one case for each act
        bench, keeper = self.bench, self.bench.keeper
        match act:
            case ("arm", fault_id, proxy, kind):
                before = fault_id in self.gone
                record = await keeper.arm(
                    fault_id, injection(kind, proxy=proxy, lease_s=10.0, deadline_s=25.0)
                )
                assert not before, "a cleared id was armed"
                assert not keeper.stopped
                if record.state is FaultState.ARMED and fault_id not in self.armed_at:
                    self.armed_at[fault_id] = self.last_renewed[fault_id] = bench.now_s
            case ("renew", fault_id):
                if (await keeper.renew(fault_id)).state is FaultState.ARMED:
                    self.last_renewed[fault_id] = bench.now_s
            case ("clear", fault_id):
                await keeper.clear(fault_id, ClearedBy.RESTORE)
            case ("time", seconds):
                await bench.pass_time(seconds)
            case ("stop",):
                await keeper.stop()
            case ("resume",):
                keeper.resume()
            case ("restart",):
                bench.restart()
                await bench.keeper.recover()
            case ("dies",):
                bench.port.dead = True
            case ("answers",):
                bench.port.dead = False
                await bench.pass_time(RETRY_EVERY_S)

    def hold(self) -> None:
        bench = self.bench
        records = {record.id: record for record in bench.keeper.faults()}
        held = [r for r in records.values() if r.state is not FaultState.CLEARED]
        assert len({record.claim for record in held}) == len(held), "two faults on one claim"
        for fault_id, record in self.gone.items():
            assert records[fault_id] == record, "a cleared record changed"
        self.gone |= {r.id: r for r in records.values() if r.state is FaultState.CLEARED}
        for record in held:
            if record.state is FaultState.ARMED:
                lives_until = min(self.last_renewed[record.id] + 10, self.armed_at[record.id] + 25)
                assert bench.now_s < lives_until, "it outlived its lease or its deadline"
        claimed = {record.claim.partition("/")[2] for record in held}
        for name in {"primary", "secondary"} - claimed:
            assert bench.port.is_clean(name), "a fault without a record"


@settings(max_examples=80, deadline=None)
@given(st.lists(acts, max_size=25))
def test_whatever_happens_nothing_is_left_and_nothing_comes_back(acts: list[tuple]):
    async def play_all() -> None:
        with tempfile.TemporaryDirectory() as folder:
            history = History(Path(folder))
            for act in acts:
                with contextlib.suppress(InjectorError):  # a no is an answer
                    await history.play(act)
                history.hold()
            history.bench.port.dead = False
            await history.bench.pass_time(30)
            await history.bench.pass_time(RETRY_EVERY_S)
            history.hold()
            assert history.bench.port.is_clean("primary")
            assert history.bench.port.is_clean("secondary")

    asyncio.run(play_all())
