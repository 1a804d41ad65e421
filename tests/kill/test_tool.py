"""Killed while a tool drifts and is switched off: both are gone within their leases."""

import time
from pathlib import Path

from gameday.domain.lease import ClearedBy
from gameday.domain.progress import Phase
from gameday.domain.verdict import Verdict
from gameday.injector.gate import Gates
from tests.kill.rig import LEASE_S, LOADED_S, STANDBY_S, Rig, Run, measured, soon

DRIFT = str(Path(__file__).parent / "short-drift.yaml")
BEFORE, OFF = ["orders", "tickets"], ["tickets"]


def tools_url(rig: Rig) -> str:
    front_door = Path(rig.state.target_file).read_text().split("front_door: ")[1].split()[0]
    return f"{front_door.removesuffix('/v1')}/admin/tools"


def in_use(rig: Rig) -> list[str]:
    """What the assistant itself says that it uses."""
    told: list[str] = rig.http.get(tools_url(rig)).raise_for_status().json()["enabled"]
    return told


async def rules(rig: Rig) -> tuple[str, ...]:
    """What the gate itself says is in force there."""
    return await Gates((Path(rig.state.gate_file),)).survey()


async def switched_off(rig: Rig) -> Run:
    """A run whose tool drifts and is out of use, both held and renewed."""
    run = await rig.run(drill=DRIFT)
    await run.reaches(Phase.RESPONDED)

    async def both_are_renewed() -> bool:
        held = await rig.injector.faults(run.id)
        left = [one.deadline_in_s or 0.0 for one in held]
        return len(held) == 2 and max(left) < run.request.plan.fault_seconds_max - 1.2

    await soon(both_are_renewed, f"run {run.id} holds drift and switch")
    assert in_use(rig) == OFF
    (rule,) = await rules(rig)
    assert "listener orders" in rule
    return run


async def both_gone_after(rig: Rig, began: float, what: str, *, within_s: float) -> None:
    async def gone() -> bool:
        return in_use(rig) == BEFORE and not await rules(rig)

    left_s = began + within_s + LOADED_S - time.monotonic()
    await soon(gone, f"{what}: drift and switch are gone", within_s=left_s)
    measured(f"{what}: drift and switch (promised {within_s:g} s)", time.monotonic() - began)


async def test_without_workers_and_temporal_the_leases_end_both(rig: Rig):
    await switched_off(rig)
    began = rig.kill(rig.pid("worker"), rig.pid("hold-worker"), rig.pid("temporal"))
    what = "both workers and Temporal killed after a switch"
    await both_gone_after(rig, began, what, within_s=LEASE_S + 1)


async def test_a_killed_injector_puts_both_back_before_it_serves(rig: Rig):
    run = await switched_off(rig)
    began = rig.kill(rig.injector_pid("control"))
    await both_gone_after(rig, began, "injector killed after a switch", within_s=STANDBY_S)
    result = await run.is_closed()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert {one.cleared_by for one in result.response.steps} == {ClearedBy.RECOVERY}
