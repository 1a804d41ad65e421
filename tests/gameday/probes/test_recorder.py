"""What has ended is recorded in its order, in slices, and never too late."""

import asyncio
import time
from itertools import pairwise

from gameday.probes import recorder
from gameday.probes.recorder import Recorder


class Ended:
    def __init__(self, ago_s=0.0):
        self.finished_at = time.monotonic() - ago_s


async def recorded_all(taker):
    """Wait until nothing is left to be recorded."""
    async with asyncio.timeout(30):
        await asyncio.sleep(0.05)
        while len(taker):  # noqa: ASYNC110 - it has no end of its own to wait for
            await asyncio.sleep(0.01)


async def test_all_are_recorded_once_in_their_order_and_something_is_sent_between():
    recorded, between = [], []
    taker = Recorder(recorded.append, lambda: between.append(len(recorded)))
    ended = [Ended() for _ in range(500)]
    for one in ended:
        taker.take(one)
    await recorded_all(taker)
    assert recorded == ended
    assert between == sorted(set(between)), "each time some had been recorded"
    assert max(after - before for before, after in pairwise([0, *between])) <= 10
    assert not len(taker)


async def test_what_ends_while_another_is_recorded_is_recorded_too():
    recorded = []

    def record(one):
        recorded.append(one)
        if len(recorded) < 50:
            taker.take(Ended())

    taker = Recorder(record, lambda: None)
    taker.take(Ended())
    await recorded_all(taker)
    assert len(recorded) == 50


async def slow_turns(ended):
    """The loop's turns until all are recorded, a millisecond each."""
    turns, left = 0, len(ended)

    def record(_one):
        nonlocal left
        time.sleep(0.001)
        left -= 1

    taker = Recorder(record, lambda: None)
    for one in ended:
        taker.take(one)
    while left:
        turns += 1
        await asyncio.sleep(0)
    return turns


async def test_answers_are_read_between_slices():
    assert await slow_turns([Ended() for _ in range(80)]) >= 10


async def test_what_is_too_old_goes_before_answers(monkeypatch):
    """Else a load beyond the generator's means would hide what guards wait for."""
    monkeypatch.setattr(recorder, "_LATER_S", 0.0)
    assert await slow_turns([Ended(ago_s=1.0) for _ in range(80)]) < 10


async def test_at_the_end_all_of_it_is_recorded_at_once():
    recorded = []
    taker = Recorder(recorded.append, lambda: None)
    for _ in range(300):
        taker.take(Ended())
    taker.finish()
    assert len(recorded) == 300
