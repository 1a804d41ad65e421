"""Deliveries that wait for the disk at the same time wait once."""

import asyncio
import time

import pytest

from gameday.domain.errors import StartError
from gameday.serve.writer import Writer


class SlowDisk:
    def __init__(self, fails=False):
        self.written = []
        self.fails = fails

    def keep(self, arrivals):
        time.sleep(0.05)
        if self.fails:
            raise StartError("the disk is full")
        self.written.append(list(arrivals))


async def test_what_comes_meanwhile_is_written_together():
    disk = SlowDisk()
    writer = Writer(disk)
    await asyncio.gather(*(writer.keep([number]) for number in range(100)))
    assert sorted(one for batch in disk.written for one in batch) == list(range(100))
    assert len(disk.written) < 5


async def test_each_hears_that_it_was_not_kept_and_the_next_is_tried():
    disk = SlowDisk(fails=True)
    writer = Writer(disk)
    heard = await asyncio.gather(*(writer.keep([n]) for n in range(3)), return_exceptions=True)
    assert [str(one) for one in heard] == ["the disk is full"] * 3
    disk.fails = False
    await writer.keep([4])
    assert disk.written == [[4]]


async def test_who_hangs_up_takes_nobody_along():
    disk = SlowDisk()
    writer = Writer(disk)
    leaves, stays = (asyncio.create_task(writer.keep([n])) for n in ("leaves", "stays"))
    await asyncio.sleep(0.01)
    leaves.cancel()
    await stays
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert sorted(one for batch in disk.written for one in batch) == ["leaves", "stays"]
