"""The defect slow_fallback: an outage's first fallback answers wait, later ones do not."""

import time

from lab.assistant.switch_over import SwitchOver


async def waited_s(switch_over: SwitchOver) -> float:
    began_s = time.monotonic()
    await switch_over.wait()
    return time.monotonic() - began_s


async def test_the_time_runs_from_the_first_failure() -> None:
    switch_over = SwitchOver(0.3)
    switch_over.primary_failed()
    assert await waited_s(switch_over) >= 0.29
    switch_over.primary_failed()
    assert await waited_s(switch_over) < 0.2


async def test_each_outage_has_its_own() -> None:
    switch_over = SwitchOver(0.3)
    switch_over.primary_failed()
    await switch_over.wait()
    switch_over.primary_served()
    switch_over.primary_failed()
    assert await waited_s(switch_over) >= 0.29


async def test_without_an_outage_nobody_waits() -> None:
    assert await waited_s(SwitchOver(5.0)) < 0.5
