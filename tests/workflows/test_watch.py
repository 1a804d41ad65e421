"""A watch on the real server: ticks of a schedule, each counted once, whoever dies meanwhile."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.watch import Ticked, TickOf
from gameday.domain.watch import Watch
from gameday.supervisor.queues import watch_queue
from gameday.supervisor.schedules import apply_schedule, end_schedule, scheduled
from tests.workflows.test_drill import until
from worker import make_worker
from workflows.watch import WatchWorkflow

WATCH = Watch(
    target="shop", environment="staging", target_file="/x/gameday.yaml", every="1s", rate="100/s"
)


class StandIn:
    """Looks and tells, and counts as the store does: by the tick's id."""

    def __init__(self):
        self.looks, self.ticks, self.told = [], set(), []
        self.hangs = self.hook_fails = False

    @activity.defn(name="look")
    async def look(self, wanted: TickOf) -> Ticked:
        self.looks.append(wanted.tick)
        while self.hangs:
            activity.heartbeat()
            await asyncio.sleep(0.1)
        self.ticks.add(wanted.tick)
        return Ticked(word="NO CHANGE SEEN, INSIDE", ticks=len(self.ticks), evidence=1, quality=1)

    @activity.defn(name="tell")
    async def tell(self, wanted: TickOf) -> None:
        if self.hook_fails:
            raise ApplicationError("the pager answers 503", non_retryable=True)
        self.told.append(wanted.tick)


def working(temporal, here, place="here"):
    return make_worker(temporal.client, watch_queue(place), [here.look, here.tell], [WatchWorkflow])


async def one_tick(temporal, place="here", name="tick-1"):
    return await temporal.client.start_workflow(
        WatchWorkflow.run, "shop.staging", id=name, task_queue=watch_queue(place)
    )


async def test_a_tick_looks_and_then_tells(temporal):
    here = StandIn()
    async with working(temporal, here):
        ticked = await (await one_tick(temporal)).result()
    assert ticked.ticks == 1
    assert here.looks == here.told == ["tick-1"]


async def test_a_schedule_ticks_at_once_and_again_until_it_is_stopped(temporal):
    here = StandIn()
    async with working(temporal, here):
        await apply_schedule(temporal.client, WATCH, "here")
        await until(lambda: len(here.ticks) >= 3)
        assert all(tick.startswith("watch-shop.staging-") for tick in here.ticks)
        described = await scheduled(temporal.client, WATCH.name)
        assert described.schedule.spec.intervals[0].every == timedelta(seconds=1)

        await apply_schedule(temporal.client, WATCH.model_copy(update={"every": 60.0}), "here")
        described = await scheduled(temporal.client, WATCH.name)
        assert described.schedule.spec.intervals[0].every == timedelta(seconds=60)

        assert await end_schedule(temporal.client, WATCH.name)
        assert not await end_schedule(temporal.client, WATCH.name)
        assert await scheduled(temporal.client, WATCH.name) is None


async def test_ticks_do_not_overlap(temporal):
    here = StandIn()
    here.hangs = True
    async with working(temporal, here):
        await apply_schedule(temporal.client, WATCH, "here")
        await until(lambda: here.looks)
        await asyncio.sleep(3)
        assert len(here.looks) == 1
        here.hangs = False
        await until(lambda: len(here.ticks) >= 2)
        await end_schedule(temporal.client, WATCH.name)


async def test_a_tick_whose_worker_left_is_made_by_another_one_under_the_same_id(temporal):
    here, there = StandIn(), StandIn()
    here.hangs = True
    worker = working(temporal, here)
    task = asyncio.create_task(worker.run())
    handle = await one_tick(temporal)
    await until(lambda: here.looks)
    await worker.shutdown()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    async with working(temporal, there):
        assert (await handle.result()).ticks == 1
    assert there.looks == here.looks == ["tick-1"]


async def test_only_workers_with_the_same_folder_make_its_ticks(temporal):
    here, elsewhere = StandIn(), StandIn()
    async with working(temporal, elsewhere, "elsewhere"):
        handle = await one_tick(temporal)
        async with working(temporal, here):
            await handle.result()
    assert (here.looks, elsewhere.looks) == (["tick-1"], [])


async def test_a_hook_that_says_no_does_not_fail_the_tick(temporal):
    here = StandIn()
    here.hook_fails = True
    async with working(temporal, here):
        assert (await (await one_tick(temporal)).result()).ticks == 1
    assert here.told == []


async def test_a_tick_that_is_cancelled_ends(temporal):
    here = StandIn()
    here.hangs = True
    async with working(temporal, here):
        handle = await one_tick(temporal)
        await until(lambda: here.looks)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert here.told == []
