"""A guard cuts a running fault short: the window ends in its middle, and restore comes next."""

from gameday.domain.lease import ClearedBy
from tests.kill.rig import LOADED_S, Rig, measured

RESTORED_S = 1.0  # promised, from the guard to Toxiproxy read back whole
GUARD = "abort_when=[{metric: served_share, of: primary, below: 0.9, for: 1s}]"


async def test_a_guard_ends_the_fault_in_the_middle_of_its_window(rig: Rig):
    run = await rig.run("windows.baseline=3s", "windows.faulted=30s", GUARD)
    result = await run.is_closed()
    stop, restore = result.stop, result.restore
    assert stop is not None
    assert stop.at is not None
    assert (stop.by, stop.window) == ("guard", "faulted")
    assert stop.guard == "served_share of primary below 0.9 for 1 s"
    assert "served_share of primary was 0, under 0.9, for 1 s" in stop.reason
    assert result.windows["faulted"].seconds < 30 / 2
    assert [fault.cleared_by for fault in result.faults] == [ClearedBy.RESTORE]
    assert not rig.marks()
    assert restore.effective_at is not None
    took_s = (restore.effective_at - stop.at).total_seconds()
    measured(f"guard (promised {RESTORED_S:g} s)", took_s)
    assert took_s <= RESTORED_S + LOADED_S
