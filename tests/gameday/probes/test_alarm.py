"""When an alarm rings, and when it does not."""

import asyncio
import time
from pathlib import Path

from gameday.probes.alarm import Alarm


async def ringing():
    """An alarm, and when it rang."""
    rang: list[float] = []
    return Alarm(lambda: rang.append(time.monotonic())), rang


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_it_rings_once_and_never_before_its_time():
    alarm, rang = await ringing()
    for wait_s in (0.0004, 0.0021, 0.05):
        rang.clear()
        at = time.monotonic() + wait_s
        alarm.set(at)
        await asyncio.sleep(wait_s + 0.1)
        assert len(rang) == 1
        assert rang[0] >= at
    alarm.close()


async def test_a_moment_that_is_over_rings_at_once():
    alarm, rang = await ringing()
    for at in (time.monotonic() - 5, 0.0):
        alarm.set(at)
        await asyncio.sleep(0.1)
    assert len(rang) == 2
    alarm.close()


async def test_only_the_last_moment_counts():
    alarm, rang = await ringing()
    alarm.set(time.monotonic() + 0.01)
    alarm.set(at := time.monotonic() + 0.15)
    await asyncio.sleep(0.4)
    assert len(rang) == 1
    assert rang[0] >= at
    alarm.close()


async def test_one_that_was_set_anew_when_it_was_about_to_ring_rings_only_then():
    alarm, rang = await ringing()
    alarm.set(time.monotonic() - 1)
    time.sleep(0.01)  # noqa: ASYNC251 - the kernel's timer is over; the loop has not looked yet
    alarm.set(at := time.monotonic() + 0.1)
    await asyncio.sleep(0.3)
    assert len(rang) == 1
    assert rang[0] >= at
    alarm.close()


async def test_a_closed_one_rings_no_more_and_holds_no_descriptor():
    before = descriptors()
    alarm, rang = await ringing()
    alarm.set(time.monotonic() + 0.01)
    alarm.close()
    alarm.close()
    await asyncio.sleep(0.1)
    assert not rang
    assert descriptors() == before
