"""A schedule is sent as it is: never early, never stretched, nothing skipped."""

import asyncio
import time
from typing import NamedTuple

from gameday.probes.pacer import Pacer


class Slot(NamedTuple):
    at: float
    number: int


def slots(count, *, per_s, from_now_s=0.01):
    begins_at = time.monotonic() + from_now_s
    return [Slot(begins_at + number / per_s, number) for number in range(count)]


async def paced(schedule, send=lambda _slot: None):
    """Each slot that was sent, and when."""
    sent: list[tuple[Slot, float]] = []

    def note(slot):
        sent.append((slot, time.monotonic()))
        send(slot)

    pacer = Pacer(iter(schedule), note)
    pacer.start()
    await asyncio.wait_for(pacer.ended.wait(), 30)
    return sent


async def test_every_slot_is_sent_once_in_order_and_none_before_its_time():
    for per_s in (50, 3_000, 50_000):
        schedule = slots(per_s // 10, per_s=per_s)
        sent = await paced(schedule)
        assert [slot for slot, _ in sent] == schedule
        assert all(at >= slot.at for slot, at in sent)


async def test_what_is_overdue_leaves_at_once_and_the_rest_when_it_is_due():
    """A sender that stands still for a while owes what came due meanwhile, each in its place."""
    schedule = slots(400, per_s=1_000)
    sent = await paced(schedule, lambda slot: time.sleep(0.2) if slot.number == 100 else None)
    assert [slot for slot, _ in sent] == schedule
    late_s = {slot.number: at - slot.at for slot, at in sent}
    assert late_s[101] > 0.15
    assert all(at >= slot.at for slot, at in sent)


async def test_others_are_let_in_while_much_is_overdue():
    turns = 0

    async def others():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    at_work = asyncio.create_task(others())
    await paced(slots(10_000, per_s=1e9, from_now_s=-1))
    assert turns > 10
    at_work.cancel()


async def test_a_stopped_one_sends_nothing_more():
    sent = []
    pacer = Pacer(iter(slots(100, per_s=100)), sent.append)
    pacer.start()
    await asyncio.sleep(0.1)
    pacer.stop()
    pacer.stop()
    so_far = len(sent)
    pacer.send_due()
    await asyncio.sleep(0.1)
    assert 0 < len(sent) == so_far < 100
    assert pacer.ended.is_set()


async def test_work_in_between_may_send_what_is_due():
    sent = []
    pacer = Pacer(iter(slots(3, per_s=1e9, from_now_s=0.0)), sent.append)
    pacer.send_due()
    assert len(sent) == 3
    pacer.start()
    assert pacer.ended.is_set()


async def test_a_schedule_without_slots_has_ended():
    assert await paced([]) == []
