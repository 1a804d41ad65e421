"""Delays come in their order and never early, on the kernel's timer and on the loop's."""

import asyncio
import os
import random
import sys
import time

import pytest
import uvloop

from gameday.gate import delays as module
from gameday.gate.delays import Delays
from tests.gameday.gate.rig import until

COUNT = 200


class Came:
    """What came, in its order; when each was asked for, for how long, and when it came."""

    def __init__(self, delays):
        self._delays = delays
        self.names = []
        self.early_ns = []

    def ask(self, seconds, name):
        asked_ns = time.monotonic_ns()

        def come():
            self.names.append(name)
            self.early_ns.append(asked_ns + seconds * 1e9 - time.monotonic_ns())

        return self._delays.later(seconds, come)

    async def all(self, count):
        await until(lambda: len(self.names) >= count)


async def run_never_early(delays):
    came, draw = Came(delays), random.Random(1)
    for number in range(COUNT):
        came.ask(draw.uniform(0.00001, 0.04), number)
        if number % 20 == 0:
            await asyncio.sleep(draw.uniform(0, 0.003))
    await came.all(COUNT)
    assert sorted(came.names) == list(range(COUNT))
    assert max(came.early_ns) <= 0


async def run_in_order(delays):
    came = Came(delays)
    for name, seconds in [("c", 0.03), ("a", 0.01), ("d", 0.03), ("b", 0.02)]:
        came.ask(seconds, name)
    await came.all(4)
    assert came.names == ["a", "b", "c", "d"]


async def run_cancelled(delays):
    came = Came(delays)
    asked = [came.ask(0.01, number) for number in range(COUNT)]
    for delay in asked[1:]:
        delay.cancel()
        delay.cancel()
    assert len(delays._queue) <= module._CANCELLED_MIN + 1  # they are not kept
    came.ask(0.02, "last")
    await came.all(2)
    assert came.names == [0, "last"]
    asked[0].cancel()  # it has come: nothing to cancel
    assert (len(delays._queue), delays._cancelled) == (0, 0)


async def run_asked_while_one_comes(delays):
    came = Came(delays)
    delays.later(0.01, lambda: came.ask(0.005, "second"))
    await came.all(1)
    assert max(came.early_ns) <= 0


async def run_one_that_fails(delays):
    came, failed = Came(delays), []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: failed.append(told))
    delays.later(0.01, lambda: 1 / 0)
    came.ask(0.01, "after")
    await came.all(1)
    assert [type(told["exception"]) for told in failed] == [ZeroDivisionError]


async def run_closed(delays):
    came, descriptor = Came(delays), delays._descriptor
    came.ask(0.01, "never")
    delays.close()
    delays.close()
    await asyncio.sleep(0.03)
    assert came.names == []
    if descriptor is not None:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.read(descriptor, 8)


RUNS = (
    run_never_early,
    run_in_order,
    run_cancelled,
    run_asked_while_one_comes,
    run_one_that_fails,
    run_closed,
)
LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.mark.parametrize("loop", sorted(LOOPS))
@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("timer", ["kernel", "loop"])
def test_delays(run, loop, timer, monkeypatch):
    if timer == "loop":
        monkeypatch.setattr(module, "_open_timer", lambda: None)

    async def with_delays():
        delays = Delays(asyncio.get_running_loop())
        assert (delays._descriptor is not None) == (timer == "kernel" and sys.platform == "linux")
        try:
            await run(delays)
        finally:
            delays.close()

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(with_delays())


def test_a_kernel_without_such_timers(monkeypatch):
    class Kernel:
        def timerfd_create(self, clock, flags):
            return -1

    monkeypatch.setattr(module, "_LIBC", Kernel())
    assert module._open_timer() is None
