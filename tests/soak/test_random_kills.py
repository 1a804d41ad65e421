"""Random processes killed at random times: whatever died, the fault goes with its lease."""

import asyncio
import random
import time
from dataclasses import dataclass

import pytest

from gameday.domain.errors import InjectorError
from gameday.domain.lease import FaultState
from gameday.domain.result import Result
from gameday.domain.verdict import Verdict
from tests.kill.rig import LEASE_S, LOADED_S, Rig, Run, measured, soon

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

KILLS = 15
WITHIN_S = 9.0  # of the run's start, the time of the kill: from preflight to the recovery
VICTIMS = (
    ("worker",),
    ("hold-worker",),
    ("worker", "hold-worker"),
    ("temporal",),
    ("worker", "hold-worker", "temporal"),
    ("control",),
    ("watchdog",),
    ("control", "watchdog"),
)


@dataclass
class Watch:
    """Follows a run from outside: until when its lease lets its fault live."""

    rig: Rig
    run: Run
    lives_until: float = 0.0

    async def follow(self) -> None:
        while True:
            asked = time.monotonic()
            try:
                faults = await self.rig.injector.faults(self.run.id)
            except InjectorError:
                faults = []
            for fault in faults:
                if fault.state is FaultState.ARMED and fault.expires_in_s is not None:
                    self.lives_until = max(self.lives_until, asked + fault.expires_in_s)
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("seed", range(KILLS))
async def test_whatever_dies_the_fault_goes_with_its_lease(rig: Rig, seed: int):
    chance = random.Random(seed)
    victims = chance.choice(VICTIMS)
    after_s = chance.uniform(0.0, WITHIN_S)
    run = await rig.run("windows.faulted=5s", "windows.recovered=2s")
    watch = Watch(rig, run)
    following = asyncio.create_task(watch.follow())
    try:
        await asyncio.sleep(after_s)
        was_armed = bool(rig.marks())
        rig.kill(*(_pid(rig, name) for name in victims))
        await _gone_with_its_lease(rig, watch, victims, was_armed=was_armed)
    finally:
        following.cancel()
    result = await _closed(rig, run)
    what = f"{' and '.join(victims)} after {after_s:.1f} s, armed: {was_armed}"
    assert not rig.marks(), what
    if was_armed and victims not in (("watchdog",), ("hold-worker",)):
        assert result.verdict is not Verdict.PASSED, what
    if result.verdict is Verdict.PASSED:
        assert {fault.cleared_by for fault in result.faults} == {"restore"}, what


def _pid(rig: Rig, name: str) -> int:
    if name == "control":
        return rig.injector_pid("control")
    return rig.injector_pid("watchdog") if name == "watchdog" else rig.pid(name)


async def _gone_with_its_lease(
    rig: Rig, watch: Watch, victims: tuple[str, ...], *, was_armed: bool
) -> None:
    """Wait until Toxiproxy is whole, and stays so past the lease; then everything may come back."""
    killed = time.monotonic()
    if {"control", "watchdog"} <= set(victims):
        await asyncio.sleep(1.0)
        await rig.revive()  # an injector that is gone whole can do nothing until it is started

    async def whole() -> bool:
        return not rig.marks()

    await soon(whole, f"whole after {victims}", within_s=3 * LEASE_S + 2 * LOADED_S)
    whole_at = time.monotonic()
    assert whole_at <= max(watch.lives_until, killed) + 1.0 + LOADED_S
    if was_armed:
        measured(f"{' and '.join(victims)} killed", whole_at - killed)


async def _closed(rig: Rig, run: Run) -> Result:
    """Everything comes back; whoever can closes the record, else `gameday report` does."""
    await rig.revive()
    await run.ends(within_s=60)
    if not run.folder.result_file.exists():
        await rig.report(run)
    return run.sound_result()


async def test_the_seeds_reach_every_victim():
    assert {random.Random(seed).choice(VICTIMS) for seed in range(KILLS)} == set(VICTIMS)
