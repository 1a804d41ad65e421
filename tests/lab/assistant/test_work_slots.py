"""A small pool: so many at a time, and the others only later."""

import asyncio

from starlette.types import Receive, Scope, Send

from lab.assistant.work_slots import WorkSlots


async def nothing() -> dict[str, str]:
    return {"type": "http.disconnect"}


async def ignored(_: object) -> None:
    """Nobody listens."""


async def test_so_many_are_worked_on_at_a_time_and_all_are_in_the_end() -> None:
    at_work = most = done = 0

    async def app(_: Scope, __: Receive, ___: Send) -> None:
        nonlocal at_work, most, done
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.01)
        at_work -= 1
        done += 1

    slots = WorkSlots(app, at_once=3)
    await asyncio.gather(*(slots({"type": "http"}, nothing, ignored) for _ in range(10)))
    assert (most, done) == (3, 10)


async def test_the_applications_own_start_and_end_take_no_slot() -> None:
    started = asyncio.Event()

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        if scope["type"] == "lifespan":
            await started.wait()

    slots = WorkSlots(app, at_once=1)
    living = asyncio.create_task(slots({"type": "lifespan"}, nothing, ignored))
    await asyncio.wait_for(slots({"type": "http"}, nothing, ignored), 5)
    started.set()
    await living
