"""Healthy runs in a row without a false alarm, and aborts in a row without a slow one."""

import asyncio
import json
from statistics import median

import pytest

from gameday.cli.run import DEMO_WINDOWS
from gameday.domain.verdict import Verdict
from tests.kill.rig import Rig, measured, soon

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

HEALTHY_RUNS = 10
ABORTS = 10
ABORT_S = 1.0


async def test_healthy_runs_in_a_row_raise_no_alarm(rig: Rig):
    overrides = [word for one in DEMO_WINDOWS for word in ("--set", one)]
    for number in range(HEALTHY_RUNS):
        code, out, err = await rig.gameday("run", "provider-outage", "--lab", "--json", *overrides)
        document = json.loads(out)
        said = "; ".join(f"{c['kind']} {c['held']}: {c['reason']}" for c in document["checks"])
        assert code == 0, f"run {number + 1}: {document['reason']}; {said}; {err}"
        measured(f"healthy run {number + 1}: recovered", document["restore"]["seconds"])


async def test_the_median_abort_is_quick(rig: Rig):
    """From the word to Toxiproxy's own answer that all is whole."""
    took: list[float] = []
    for _ in range(ABORTS):
        run = await rig.run_holding("windows.faulted=30s")
        began = asyncio.get_running_loop().time()
        await run.handle.signal("abort", "soak")
        took.append(await _whole_after(rig, began))
        assert (await run.is_closed()).verdict is Verdict.ABORTED
    measured(f"abort, from the signal, median of {ABORTS}", median(took))
    measured(f"abort, from the signal, longest of {ABORTS}", max(took))
    assert median(took) <= ABORT_S


async def test_the_median_abort_command_is_quick_enough_for_people(rig: Rig):
    """From pressing Enter; most of it is the start of the command itself."""
    took: list[float] = []
    for _ in range(ABORTS):
        run = await rig.run_holding("windows.faulted=30s")
        began = asyncio.get_running_loop().time()
        aborting = asyncio.create_task(rig.gameday("abort", run.id))
        took.append(await _whole_after(rig, began))
        code, _, err = await aborting
        assert code == 0, err
        assert (await run.is_closed()).exit_code == 4
    measured(f"gameday abort, from its start, median of {ABORTS}", median(took))
    measured(f"gameday abort, from its start, longest of {ABORTS}", max(took))


async def _whole_after(rig: Rig, began: float) -> float:
    async def whole() -> bool:
        return not rig.marks()

    await soon(whole, "the aborted run's fault is gone")
    return asyncio.get_running_loop().time() - began
