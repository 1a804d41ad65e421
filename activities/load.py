"""Load: the processes that send a run's requests, on this worker.

The load is one stream from the first window to the last, so that requests in flight while a
fault comes or goes are part of the record. Several workers may share it: each then starts its
generators, keeps them going while the workflow wants them, and all write into the run's folder.
"""

import asyncio
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.beating import beating
from activities.connections import InjectorFactory, resolve_front_door_secrets
from activities.messages import KeepLoad, LoadShare, LoadStarted, Reported, StopLoad
from activities.shifts import keep_shifted, shift_of
from gameday.catalog.kinds import checks, faults
from gameday.domain.control import spared_users
from gameday.domain.drill import Drill
from gameday.domain.errors import GamedayError
from gameday.domain.record import RunRequest
from gameday.domain.suite import ScorerSpec
from gameday.probes.load import Load
from gameday.probes.load_spec import LoadSpec
from gameday.store.run_folder import RunFolder
from gameday.supervisor.queues import QUEUE_DRILL, own_queue

LOOK_EVERY_S = 0.2
# A sample's times are worked out from a clock that never jumps: the first one must not fall before
# the start of its window for a few microseconds.
CLOCKS_DIFFER = timedelta(milliseconds=1)
_LEAD = timedelta(seconds=0.2)  # from the word to begin to the first request


class LoadActivities:
    """Holds the loads that this worker runs."""

    def __init__(self, identity: str, client: Client, injector: InjectorFactory) -> None:
        """identity: of this worker, by which its own task queue is named."""
        self._queue = own_queue(identity)
        self._client = client
        self._injector = injector
        self._loads: dict[str, Load] = {}
        self._shifting: dict[str, asyncio.Task[None]] = {}  # of drills that shift what is asked

    # All of it on one worker

    @activity.defn(name="start_load")
    async def start_load(self, request: RunRequest) -> LoadStarted:
        load = await self._prepare(request, range(request.drill.load.generators))
        load.begin(datetime.now(UTC) + _LEAD)
        return LoadStarted(queue=self._queue, started_at=load.started_at - CLOCKS_DIFFER)

    @activity.defn(name="stop_load")
    async def stop_load(self, wanted: StopLoad) -> None:
        """End the load and let what is in flight finish. Repeatable."""
        await self._stop(wanted.run_id)

    # Shared among several

    @activity.defn(name="find_workers")
    async def find_workers(self) -> tuple[str, ...]:
        """Name the own task queues of all workers that take a drill's work.

        One that has just died may be among them: only who reports in is there.
        """
        said = await self._client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self._client.namespace,
                task_queue=TaskQueue(name=QUEUE_DRILL),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            )
        )
        return tuple(sorted({self._queue, *(own_queue(one.identity) for one in said.pollers)}))

    @activity.defn(name="report_in")
    async def report_in(self, request: RunRequest) -> Reported:
        """Say whether this worker's generators can write where the run's samples are read."""
        sees_folder = RunFolder(request.folder).record_file.exists()
        return Reported(host=socket.gethostname(), at=datetime.now(UTC), sees_folder=sees_folder)

    @activity.defn(name="prepare_load")
    async def prepare_load(self, share: LoadShare) -> None:
        """Start this worker's generators, and wait until each is ready to begin."""
        async with beating():
            await self._prepare(share.request, share.generators)

    @activity.defn(name="keep_load")
    async def keep_load(self, wanted: KeepLoad) -> None:
        """Let this worker's generators begin, and keep them going until the load is stopped.

        They end with this activity, however it ends: they are the workflow's, not the worker's.
        """
        load = self._running(wanted.run_id)
        load.begin(wanted.begins_at)
        try:
            while self._loads.get(wanted.run_id) is load:
                self.beat(wanted.run_id)
                activity.heartbeat()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._stop(wanted.run_id)

    def beat(self, run_id: str) -> None:
        """Say to the run's generators here that somebody still watches."""
        shifting = self._shifting.get(run_id)
        if shifting is not None and shifting.done():
            shifting.result()  # it never returns: raises what ended it
        try:
            self._running(run_id).beat()
        except GamedayError as error:
            raise ApplicationError(error.sentence, non_retryable=True) from error

    async def stop_all(self) -> None:
        """The worker leaves: its loads must not outlive it."""
        for run_id in list(self._loads):
            await self._stop(run_id)

    async def _prepare(self, request: RunRequest, generators: Iterable[int]) -> Load:
        secrets = resolve_front_door_secrets(request.target.front_door, request.target.synthetic)
        try:
            load = await Load.prepare(_spec(request), secrets, generators)
        except GamedayError as error:
            raise ApplicationError(error.sentence, non_retryable=True) from error
        self._loads[request.run_id] = load
        self._follow_shifts(request, load)
        return load

    def _follow_shifts(self, request: RunRequest, load: Load) -> None:
        wanted = shift_of(request.drill)
        if wanted is not None:
            injector = self._injector(request.target.environments[request.environment].injector)
            shifting = keep_shifted(load, wanted, injector, request.run_id)
            self._shifting[request.run_id] = asyncio.create_task(shifting)

    async def _stop(self, run_id: str) -> None:
        shifting = self._shifting.pop(run_id, None)
        if shifting is not None:
            shifting.cancel()
        load = self._loads.pop(run_id, None)
        if load is not None:
            await load.stop()

    def _running(self, run_id: str) -> Load:
        load = self._loads.get(run_id)
        if load is None:
            raise ApplicationError("this worker runs no load for the run", non_retryable=True)
        return load


def _spec(request: RunRequest) -> LoadSpec:
    drill = request.drill
    return LoadSpec(
        url=request.target.environments[request.environment].front_door,
        run_id=request.run_id,
        front_door=request.target.front_door,
        synthetic=request.target.synthetic,
        evidence=request.target.evidence,
        suite_file=request.suite_file,
        prices=request.target.prices,
        load=drill.load,
        control_users=spared_users(drill, request.target) if drill.load.control_share else (),
        seals=_seals(drill),
        sketch_pieces=_sketch_pieces(drill),
        requests_max=request.plan.requests_max,
        seed=int(request.plan.digest[:8], 16),
        run_folder=request.folder,
    )


def _seals(drill: Drill) -> dict[str, ScorerSpec]:
    """What the drill's checks want to have scored of every answer."""
    return {
        name: scorer for spec in drill.checks for name, scorer in checks.make(spec).seals().items()
    }


def _sketch_pieces(drill: Drill) -> int:
    """The longest sketch that a check or a fault of the drill wants of every answer."""
    noticing = drill.detect.sketch_pieces() if drill.detect else 0
    judging = (checks.make(spec).sketch_pieces() for spec in drill.checks)
    feeling = (faults.make(spec).sketch_pieces() for spec in drill.faults)
    return max(noticing, *judging, *feeling)
