"""Users who think before they ask on: each is asked for once, in time, or never."""

import asyncio
import time

from gameday.probes.pauses import Pauses


async def test_each_is_asked_once_and_not_before_its_time():
    pauses, asked, both = Pauses(), [], asyncio.Barrier(3)

    def ask(name):
        asked.append((name, time.monotonic() - now))
        waiting.append(asyncio.create_task(both.wait()))

    now, waiting = time.monotonic(), []
    pauses.then(now + 0.2, 1, lambda: ask("later"))
    pauses.then(now - 1.0, 1, lambda: ask("overdue"))
    assert len(pauses) == 2
    await both.wait()
    (first, _), (second, after_s) = asked
    assert (first, second) == ("overdue", "later")
    assert after_s >= 0.19
    assert len(pauses) == pauses.end() == 0


async def test_what_is_not_asked_when_the_load_ends_is_counted():
    pauses, asked = Pauses(), []
    for turns_left in (1, 3):
        pauses.then(time.monotonic() + 0.05, turns_left, lambda: asked.append(1))
    assert pauses.end() == 4
    await asyncio.sleep(0.1)
    assert not asked
    assert pauses.end() == 0
