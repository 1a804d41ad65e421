"""Several workers that share one load: who takes part, and what the loss of one does to the run."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from activities.messages import KeepLoad, LoadShare, Reported, StopLoad
from gameday.domain.record import RunRequest
from gameday.domain.verdict import Verdict
from gameday.supervisor.queues import own_queue
from tests.workflows.stand_ins import StandIns
from tests.workflows.test_drill import at_work, request_for, start, until
from workflows.crew import share_out, why_unfit
from workflows.drill import DrillWorkflow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def s(seconds):
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("generators", "workers", "shares"),
    [
        (4, ["a", "b"], {"a": (0, 2), "b": (1, 3)}),
        (5, ["a", "b"], {"a": (0, 2, 4), "b": (1, 3)}),
        (3, ["a"], {"a": (0, 1, 2)}),
        (2, ["a", "b", "c"], {"a": (0,), "b": (1,)}),
    ],
)
def test_generators_are_dealt_in_turn(generators, workers, shares):
    assert share_out(generators, workers) == shares


@pytest.mark.parametrize(
    ("sees_folder", "off_s", "why"),
    [
        (True, 0.0, ""),
        (True, 2.4, ""),  # the answer took 2 s, so nobody knows better
        (True, 2.6, "has a clock that is 0.6 s ahead of Temporal's"),
        (True, -0.4, ""),
        (True, -0.6, "has a clock that is 0.6 s behind Temporal's"),
        (False, 0.0, "does not see the run's folder /r; all workers of a load must share it"),
    ],
)
def test_who_cannot_write_to_the_run_or_has_another_time_takes_no_part(sees_folder, off_s, why):
    reported = Reported(host="h", at=NOW + s(off_s), sees_folder=sees_folder)
    assert why_unfit(reported, "/r", (NOW, NOW + s(2))) == why


class Mate:
    """A worker of the load that is told how it goes."""

    def __init__(self, name: str, *, sees_folder: bool = True, prepares: bool = True) -> None:
        self.queue = own_queue(name)
        self.sees_folder, self.prepares = sees_folder, prepares
        self.share: tuple[int, ...] = ()
        self.begins_at: datetime | None = None
        self.ends = asyncio.Event()
        self.breaks = ""
        self.stopped = 0

    def all(self) -> list[object]:
        return [self.report_in, self.prepare_load, self.keep_load, self.stop_load]

    @activity.defn(name="report_in")
    async def report_in(self, request: RunRequest) -> Reported:
        return Reported(host="host", at=datetime.now(UTC), sees_folder=self.sees_folder)

    @activity.defn(name="prepare_load")
    async def prepare_load(self, share: LoadShare) -> None:
        if not self.prepares:
            raise ApplicationError("the load generator ended by itself: no", non_retryable=True)
        self.share = share.generators

    @activity.defn(name="keep_load")
    async def keep_load(self, wanted: KeepLoad) -> None:
        self.begins_at = wanted.begins_at
        while not self.ends.is_set():
            activity.heartbeat()
            await asyncio.sleep(0.05)
        if self.breaks:
            raise ApplicationError(self.breaks, non_retryable=True)

    @activity.defn(name="stop_load")
    async def stop_load(self, wanted: StopLoad) -> None:
        self.stopped += 1
        self.ends.set()


@asynccontextmanager
async def with_mates(temporal, here: StandIns, *mates: Mate, silent: tuple[str, ...] = ()):
    """The drill's own workers, and these; `silent` are named, and nobody is there."""

    @activity.defn(name="find_workers")
    async def find_workers() -> tuple[str, ...]:
        return tuple(sorted([*(mate.queue for mate in mates), *map(own_queue, silent)]))

    here.find_workers = find_workers
    usual = here.all()
    here.all = lambda: [*usual, find_workers]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(at_work(temporal, here))
        for mate in mates:
            # Whoever leads also watches the windows.
            own = Worker(
                temporal.client,
                task_queue=mate.queue,
                activities=[*mate.all(), here.observe],
                max_heartbeat_throttle_interval=timedelta(milliseconds=50),
            )
            await stack.enter_async_context(own)
        yield


def shared(run_id, generators=4):
    request = request_for(run_id)
    load = request.drill.load.model_copy(update={"generators": generators})
    return request_for(run_id, load=load)


async def test_each_worker_runs_its_share_and_all_begin_at_one_moment(temporal):
    here, a, b = StandIns(), Mate("a"), Mate("b")
    async with with_mates(temporal, here, a, b):
        await (await start(temporal, shared("CRW1"))).result()
    assert (a.share, b.share) == ((0, 2), (1, 3))
    assert a.begins_at == b.begins_at is not None
    assert (a.stopped, b.stopped) == (1, 1)
    assert "start_load" not in here.calls
    assert here.record.invalid == ""


async def test_who_does_not_answer_or_see_the_folder_is_left_out_and_the_rest_does_it_all(temporal):
    here, a, b = StandIns(), Mate("a"), Mate("b", sees_folder=False)
    async with with_mates(temporal, here, a, b, silent=("c",)):
        await (await start(temporal, shared("CRW2"))).result()
    assert (a.share, b.share) == ((0, 1, 2, 3), ())
    left_out = [e.facts["reason"] for e in here.record.events if e.what == "worker_left_out"]
    assert len(left_out) == 2
    assert left_out[0].startswith("b does not see the run's folder")
    assert left_out[1] == "c does not answer"
    assert here.record.invalid == ""


async def test_without_a_worker_that_can_there_is_no_drill(temporal):
    here, a = StandIns(), Mate("a", sees_folder=False)
    async with with_mates(temporal, here, a):
        result = await (await start(temporal, shared("CRW3"))).result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "no worker can run the load: a does not see the run's folder" in here.record.invalid
    assert "inject" not in here.calls


async def test_a_share_that_cannot_start_ends_the_others(temporal):
    here, a, b = StandIns(), Mate("a"), Mate("b", prepares=False)
    async with with_mates(temporal, here, a, b):
        result = await (await start(temporal, shared("CRW4"))).result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the load generator ended by itself: no" in here.record.invalid
    assert a.stopped == 1
    assert "inject" not in here.calls


@pytest.mark.parametrize("window", ["baseline", "faulted", "recovered"])
@pytest.mark.parametrize("breaks", ["the load generator ended by itself: killed", ""])
async def test_a_part_that_is_lost_ends_the_run_and_decides_nothing(temporal, window, breaks):
    here, a, b = StandIns(), Mate("a"), Mate("b")
    here.observe_hangs = {window}
    async with with_mates(temporal, here, a, b):
        handle = await start(temporal, shared("CRW5"))
        await until(lambda: f"observe {window}" in here.calls)
        b.breaks = breaks
        b.ends.set()
        result = await handle.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason == (
        "a part of the load was lost: generator 1 and 3 of the load on b is gone "
        f"({breaks or 'its worker has left'})"
    )
    assert a.stopped == 1
    assert not here.armed


async def test_a_part_that_is_lost_as_the_last_window_ends_is_not_missed(temporal):
    """Nobody waits for a window any more; it is found when the load is ended."""
    here, a, b = StandIns(), Mate("a"), Mate("b")
    b.breaks = "the load generator ended by itself: killed"
    async with with_mates(temporal, here, a, b):
        await (await start(temporal, shared("CRW6"))).result()
    assert "generator 1 and 3 of the load on b is gone" in here.record.invalid


async def test_an_abort_ends_every_part(temporal):
    here, a, b = StandIns(), Mate("a"), Mate("b")
    here.observe_hangs = {"faulted"}
    async with with_mates(temporal, here, a, b):
        handle = await start(temporal, shared("CRW7"))
        await until(lambda: "observe faulted" in here.calls)
        await handle.signal(DrillWorkflow.abort, "dana")
        result = await handle.result()
    assert result.verdict is Verdict.ABORTED
    assert (a.stopped, b.stopped) == (1, 1)
    assert not here.armed
