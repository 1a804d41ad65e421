"""The injector killed, with and without its watchdog, and a holder that nobody can stop."""

import asyncio
import json

from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.record import injections
from gameday.domain.verdict import Verdict
from tests.kill.rig import LEASE_S, STANDBY_S, Rig, soon


async def test_a_killed_injector_comes_back_and_puts_back(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    before = rig.injector_pid("control")
    began = rig.kill(before)
    await rig.whole_after(began, "injector killed", within_s=STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.RECOVERY]
    assert rig.injector_pid("control") != before


async def test_an_injector_that_died_whole_puts_back_when_it_is_started_again(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    rig.kill(rig.injector_pid("watchdog"), rig.injector_pid("control"))
    await asyncio.sleep(0.5)
    assert rig.marks(), "who should have put it back?"
    await rig.revive()
    assert not rig.marks(), "it serves, and has not restored"
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.RECOVERY]


async def test_a_sweep_needs_no_injector(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    rig.kill(rig.injector_pid("watchdog"), rig.injector_pid("control"))
    code, out, err = await rig.gameday("sweep", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert not rig.marks()
    assert not report["injector_answered"]
    assert report["stop_is_set"]
    assert [fault["cleared_by"] for fault in report["cleared"]] == ["sweep"]
    await rig.revive()
    await _stop_is_left_set(rig)
    result = await run.is_closed()
    assert result.verdict is Verdict.ABORTED, "a person swept"
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.SWEEP]


async def test_a_sweep_needs_no_temporal(rig: Rig):
    run = await rig.run_holding("windows.faulted=30s")
    rig.kill(rig.pid("temporal"))
    code, out, err = await rig.gameday("sweep", "--json")
    assert code == 0, err
    report = json.loads(out)
    assert not rig.marks()
    assert report["injector_answered"]
    assert [fault["cleared_by"] for fault in report["cleared"]] == ["stop"]
    await _stop_is_left_set(rig)
    await rig.revive()
    result = await run.is_closed()
    assert result.verdict is not Verdict.PASSED
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.STOP]


async def _stop_is_left_set(rig: Rig) -> None:
    """Nothing starts any more, until somebody lifts the stop."""
    assert (await rig.injector.health()).stopped
    code, _, err = await rig.gameday("sweep", "--resume")
    assert code == 0, err
    assert not (await rig.injector.health()).stopped


async def test_the_deadline_ends_what_is_renewed_for_ever(rig: Rig):
    """A holder that is cut off from everybody but the injector, and goes on renewing."""
    run = await rig.run_holding("windows.faulted=30s")
    lonely = injections(run.request)[0].model_copy(
        update={
            "run_id": "lonely",
            "fault": run.request.drill.faults[0].model_copy(update={"on": "provider/secondary"}),
            "address": {"toxiproxy": "secondary"},
            "lease_s": 2.0,
            "deadline_s": 4.0,
        }
    )
    began = asyncio.get_running_loop().time()
    await rig.injector.arm("lonely-0", lonely)

    async def over() -> bool:
        return (await rig.injector.renew("lonely-0")).state is FaultState.CLEARED

    await soon(over, "the deadline is over", within_s=4.0 + LEASE_S)
    assert asyncio.get_running_loop().time() - began >= 4.0
    gone = await rig.injector.get("lonely-0")
    assert gone.cleared_by is ClearedBy.LEASE
    assert "deadline of 4 s" in gone.cleared_because
    assert gone.evidence["renewals"] > 2
    assert (await run.fault()).state is FaultState.ARMED, "it took another run's fault along"
