"""A worker's part of a load: what it says of itself, what it keeps going, and how that ends."""

import asyncio
from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.load import LoadActivities
from activities.messages import KeepLoad, StopLoad
from gameday.domain.errors import StartError
from gameday.supervisor.queues import own_queue
from tests.gameday.reporting.runs import passing_run

BEGINS_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEEP = KeepLoad(run_id="RUN1", begins_at=BEGINS_AT)


class Generators:
    """Those of one worker, which remember what they were told."""

    def __init__(self, *, end_after: int | None = None) -> None:
        self.begun_at: list[datetime] = []
        self.beats = self.stops = 0
        self.beaten = asyncio.Event()
        self._end_after = end_after

    def begin(self, at: datetime) -> None:
        self.begun_at.append(at)

    def beat(self) -> None:
        self.beats += 1
        self.beaten.set()
        if self._end_after is not None and self.beats > self._end_after:
            raise StartError("the load generator ended by itself: it was killed")

    async def stop(self) -> None:
        self.stops += 1


def worker_with(generators=None):
    activities = LoadActivities("1@host", client=None, injector=None)
    if generators is not None:
        activities._loads["RUN1"] = generators
    return activities


class Namespace:
    """Temporal, as far as it names who asks it for work."""

    namespace = "default"

    def __init__(self, *identities: str) -> None:
        self.workflow_service = self
        self._identities = identities

    async def describe_task_queue(self, wanted):
        assert wanted.task_queue.name == "gameday-drill"
        pollers = [type("Poller", (), {"identity": one}) for one in self._identities]
        return type("Said", (), {"pollers": pollers})


async def test_workers_are_found_by_who_asks_for_work_each_once():
    """Also this one, whom Temporal may not have seen yet."""
    others = Namespace("9@b-2", "4@a-1", "9@b-2")
    found = await ActivityEnvironment().run(LoadActivities("1@host", others, None).find_workers)
    assert found == tuple(map(own_queue, ("1@host", "4@a-1", "9@b-2")))


@pytest.mark.parametrize("stored", [True, False])
async def test_a_worker_says_whether_the_runs_folder_is_there(tmp_path, stored):
    run = passing_run()
    folder = run.store(tmp_path).path if stored else tmp_path / "elsewhere"
    request = run.record.request.model_copy(update={"folder": str(folder)})
    before = datetime.now(UTC)
    said = await ActivityEnvironment().run(worker_with().report_in, request)
    assert said.sees_folder is stored
    assert before <= said.at <= datetime.now(UTC)


async def test_a_part_begins_when_it_is_told_and_is_kept_until_it_is_stopped():
    generators = Generators()
    here, environment = worker_with(generators), ActivityEnvironment()
    heartbeat = asyncio.Event()
    environment.on_heartbeat = lambda *_: heartbeat.set()
    keeping = asyncio.create_task(environment.run(here.keep_load, KEEP))
    await generators.beaten.wait()
    assert generators.begun_at == [BEGINS_AT]
    assert not keeping.done()
    await ActivityEnvironment().run(here.stop_load, StopLoad(run_id="RUN1"))
    await keeping
    assert heartbeat.is_set(), "Temporal would take the worker for dead"
    assert generators.stops == 1
    await ActivityEnvironment().run(here.stop_load, StopLoad(run_id="RUN1"))  # repeatable


async def test_a_part_ends_with_the_workflow_that_wants_it():
    generators = Generators()
    environment = ActivityEnvironment()
    keeping = asyncio.create_task(environment.run(worker_with(generators).keep_load, KEEP))
    await generators.beaten.wait()
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert generators.stops == 1


async def test_a_generator_that_ended_by_itself_ends_its_part():
    generators = Generators(end_after=1)
    with pytest.raises(ApplicationError, match="ended by itself: it was killed") as ended:
        await ActivityEnvironment().run(worker_with(generators).keep_load, KEEP)
    assert ended.value.non_retryable
    assert generators.stops == 1, "the others of this worker end too"


async def test_a_part_that_is_not_here_cannot_be_kept():
    with pytest.raises(ApplicationError, match="this worker runs no load for the run"):
        await ActivityEnvironment().run(worker_with().keep_load, KEEP)
