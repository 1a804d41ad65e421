"""Workers killed with -9, or frozen: who puts the fault back, how soon, and who closes the run.

Measured on two cores: see the figures that pytest prints at its end.
"""

import asyncio

import pytest

from gameday.domain.lease import ClearedBy
from gameday.domain.progress import Phase
from gameday.domain.result import Result
from gameday.domain.verdict import Verdict
from tests.kill.rig import LEASE_S, PATIENCE_S, RISE, STANDBY_S, Rig, Run


def cleared_by(result: Result) -> set[str | None]:
    return {fault.cleared_by for fault in result.faults}


@pytest.mark.parametrize("phase", [Phase.PREFLIGHT, Phase.BASELINE])
async def test_a_worker_killed_before_the_fault_leaves_nothing_armed(rig: Rig, phase: Phase):
    run = await rig.run("windows.baseline=3s")
    await run.reaches(phase)
    rig.kill(rig.pid("worker"))
    result = await run.is_closed()
    await run.ends()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.closed_by == "workflow"
    assert not result.faults
    assert not rig.marks()


async def test_a_worker_killed_while_it_injects_is_stood_in_for(rig: Rig):
    """The injector is frozen, so that the request to arm is certainly on its way."""
    run = await rig.run()
    await run.reaches(Phase.BASELINE)
    rig.freeze(rig.injector_pid("control"))
    await run.reaches(Phase.INJECT)
    await asyncio.sleep(0.5)  # the activity has asked by now; if not, nothing is armed at all
    began = rig.kill(rig.pid("worker"))
    rig.thaw()
    await asyncio.sleep(0.2)
    await rig.whole_after(began, "worker killed in inject", within_s=STANDBY_S)
    result = await run.is_closed()
    await run.ends()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert cleared_by(result) == {ClearedBy.RESTORE}
    assert not rig.marks(), "armed again after it was put back"


async def test_a_worker_killed_while_the_fault_is_there_is_stood_in_for(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s", "load.generators=2")
    began = rig.kill(rig.pid("worker"))
    await rig.whole_after(began, "worker killed in faulted", within_s=STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert cleared_by(result) == {ClearedBy.RESTORE}
    assert result.closed_by == "workflow"
    await sends_no_more(run, generators=2)


async def test_a_worker_killed_at_the_peak_takes_its_load_along(rig: Rig):
    """Nothing is broken in such a run; what it can leave behind is its own traffic."""
    run = await rig.run("windows.peak=30s", drill=RISE)
    await run.reaches(Phase.PEAK)
    rig.kill(rig.pid("worker"))
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert not result.faults
    await sends_no_more(run, generators=1)
    assert not rig.marks()


async def sends_no_more(run: Run, *, generators: int) -> None:
    """Every generator has sent something, and none sends on."""

    def sizes() -> list[int]:
        return [run.folder.samples_file(n).stat().st_size for n in range(generators)]

    sent = sizes()
    assert all(sent)
    await asyncio.sleep(1.0)
    assert sizes() == sent, "its load lives on"


async def test_a_worker_killed_while_it_restores_is_stood_in_for(rig: Rig):
    """The injector is frozen, so that the kill falls between asking and the answer."""
    run = await rig.run("windows.faulted=4s")
    await run.reaches(Phase.FAULTED)
    rig.freeze(rig.injector_pid("control"))
    await run.reaches(Phase.RESTORE)
    began = rig.kill(rig.pid("worker"))
    rig.thaw()
    await rig.whole_after(began, "worker killed in restore", within_s=STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert cleared_by(result) == {ClearedBy.RESTORE}


async def test_a_worker_killed_in_the_recovery_leaves_a_closed_record(rig: Rig):
    run = await rig.run("windows.faulted=3s", "windows.recovered=30s")
    await run.reaches(Phase.RECOVERED)
    rig.kill(rig.pid("worker"))
    assert not rig.marks()
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert cleared_by(result) == {ClearedBy.RESTORE}


@pytest.mark.parametrize("phase", [Phase.JUDGE, pytest.param(Phase.REPORT, marks=pytest.mark.soak)])
async def test_a_worker_killed_at_the_desk_leaves_a_closed_record(rig: Rig, phase: Phase):
    """Everything is put back and seen by then, so whoever is left may judge it, also as passed."""
    run = await rig.run("windows.faulted=3s", "windows.recovered=1s")
    await run.reaches(phase)
    rig.kill(rig.pid("worker"))
    assert not rig.marks()
    result = await run.is_closed()
    assert cleared_by(result) == {ClearedBy.RESTORE}


async def test_without_a_worker_the_lease_ends_the_fault(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"))
    await rig.whole_after(began, "both workers killed", within_s=LEASE_S + 1)
    assert (await run.cleared_fault()).cleared_by is ClearedBy.LEASE
    document = await rig.report(run)
    assert document["verdict"] == "inconclusive"
    assert document["closed_by"] == "cli"
    assert document["faults"][0]["cleared_by"] == "lease"


async def test_without_workers_and_temporal_the_lease_ends_the_fault(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"), rig.pid("temporal"))
    await rig.whole_after(began, "both workers and Temporal killed", within_s=LEASE_S + 1)
    assert (await run.cleared_fault()).cleared_by is ClearedBy.LEASE
    document = await rig.report(run)
    assert document["verdict"] == "inconclusive"
    assert document["faults"][0]["cleared_by"] == "lease"
    await rig.revive()
    await run.ends()
    assert run.sound_result().closed_by == "cli", "a worker that came back wrote over the record"


async def test_frozen_workers_do_not_hold_a_fault(rig: Rig):
    """Not dead, so nobody takes over: the lease ends the fault, and the run says so."""
    run = await rig.run_holding("windows.faulted=30s")
    began = rig.freeze(rig.pid("worker"), rig.pid("hold-worker"))
    await rig.whole_after(began, "both workers frozen", within_s=LEASE_S + 1)
    fault = await run.cleared_fault()
    assert fault.cleared_by is ClearedBy.LEASE
    assert "not renewed" in fault.cleared_because
    rig.thaw()
    result = await run.is_closed(within_s=PATIENCE_S)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert cleared_by(result) == {ClearedBy.LEASE}


async def test_without_its_holder_a_run_puts_back_and_does_not_pass(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    began = rig.kill(rig.pid("hold-worker"))
    await rig.whole_after(began, "hold worker killed in faulted", within_s=LEASE_S + 1)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert cleared_by(result) <= {ClearedBy.RESTORE, ClearedBy.LEASE}
    assert cleared_by(result)
