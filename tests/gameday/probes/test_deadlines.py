"""Exchanges that take too long are ended, in order, and those that have ended are let go."""

import asyncio
import gc
import time
import weakref

import pytest

from gameday.probes.deadlines import Deadlines


class Sent:
    """As much of an exchange as has a deadline."""

    def __init__(self):
        self.sent_at = time.monotonic()


@pytest.fixture
async def late():
    return []


async def test_each_has_its_time_from_when_it_was_sent(late):
    deadlines = Deadlines(0.15, lambda one: late.append((one, time.monotonic())))
    sent = []
    for _ in range(5):
        sent.append(Sent())
        deadlines.watch(sent[-1])
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    assert [one for one, _ in late] == sent
    assert all(at - one.sent_at >= 0.15 for one, at in late)
    assert not len(deadlines)


async def test_what_has_ended_in_time_is_not_late_and_not_held(late):
    deadlines = Deadlines(0.1, late.append)
    one, other = Sent(), Sent()
    deadlines.watch(one)
    deadlines.watch(other)
    gone = weakref.ref(one)
    deadlines.forget(one)
    deadlines.forget(one)
    del one
    gc.collect()
    assert gone() is None, "with patience of a minute it would be held for a minute"
    assert deadlines.watched() == [other]
    await asyncio.sleep(0.3)
    assert late == [other]


async def test_it_begins_again_after_a_pause(late):
    deadlines = Deadlines(0.05, late.append)
    for _ in range(2):
        deadlines.watch(Sent())
        await asyncio.sleep(0.2)
    assert len(late) == 2


async def test_a_closed_one_ends_nobody(late):
    deadlines = Deadlines(0.05, late.append)
    deadlines.watch(Sent())
    deadlines.close()
    await asyncio.sleep(0.2)
    assert not late
