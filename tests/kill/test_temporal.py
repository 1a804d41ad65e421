"""Runs that end in Temporal, without a word to anybody else: terminated, cancelled."""

import asyncio
import random

import pytest

from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.progress import Phase
from gameday.domain.verdict import Verdict
from tests.kill.rig import STANDBY_S, Rig, soon


async def test_the_guardian_puts_back_what_a_terminated_run_left(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    began = asyncio.get_running_loop().time()
    await run.handle.terminate("a test")
    await rig.whole_after(began, "workflow terminated", within_s=STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.GUARDIAN]
    assert result.closed_by == "guardian"


async def test_the_guardian_closes_a_run_that_was_terminated_before_its_fault(rig: Rig):
    run = await rig.run("windows.baseline=20s")
    await run.reaches(Phase.BASELINE)
    await run.handle.terminate("a test")
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert not result.faults
    assert result.closed_by == "guardian"
    assert not rig.marks()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_cancelled_run_puts_back_and_arms_nothing_more(rig: Rig, seed: int):
    run = await rig.run("windows.faulted=4s")
    await asyncio.sleep(random.Random(seed).uniform(0.0, 6.0))
    await run.handle.cancel()
    await _is_put_back_for_good(rig, run.id)
    result = await run.is_closed()
    assert result.verdict is Verdict.ABORTED
    assert {fault.cleared_by for fault in result.faults} <= {ClearedBy.RESTORE}
    await _is_put_back_for_good(rig, run.id)


async def test_a_run_cancelled_while_it_injects_arms_nothing_more(rig: Rig):
    """The injector is frozen, so that the cancel certainly overtakes the request to arm."""
    run = await rig.run()
    await run.reaches(Phase.BASELINE)
    rig.freeze(rig.injector_pid("control"))
    await run.reaches(Phase.INJECT)
    await run.handle.cancel()
    await asyncio.sleep(0.5)
    rig.thaw()
    result = await run.is_closed()
    assert result.verdict is Verdict.ABORTED
    await _is_put_back_for_good(rig, run.id)


async def _is_put_back_for_good(rig: Rig, run_id: str) -> None:
    async def whole() -> bool:
        faults = await rig.injector.faults(run_id)
        return not rig.marks() and all(one.state is FaultState.CLEARED for one in faults)

    await soon(whole, "everything is put back", within_s=10)
