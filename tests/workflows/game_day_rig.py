"""Game days whose drills end as a test says, with the real activities of the day."""

import asyncio
import itertools
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.worker import Worker

from activities.game_day import GameDayActivities
from gameday.domain.errors import StartError
from gameday.domain.game_day import GameDay, GameDayRequest, PreparedDrill
from gameday.domain.record import RunRequest
from gameday.domain.result import Result
from gameday.domain.verdict import Verdict
from gameday.reporting.write import write_reports
from gameday.supervisor.ports import free_port
from gameday.supervisor.queues import QUEUE_DRILL
from gameday.supervisor.stack import READY_S_MAX
from gameday.supervisor.temporal import connect, temporal_answers, temporal_child
from tests.gameday.reporting.runs import failing_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS
from workflows.game_day import GameDayWorkflow

QUEUE = "day"
_DAYS = itertools.count(1)


def result_of(folder, verdict=Verdict.PASSED):
    """A result as a drill leaves it, whose verdict is that one."""
    made = (passing_run if verdict is Verdict.PASSED else failing_run)().store(folder)
    result = write_reports(made, made.read_record(), made.read_samples(), MAKERS)
    return result.model_copy(update={"verdict": verdict, "reason": f"it {verdict}"})


def request_of(folder, count=2, **changes):
    """A game day of so many drills; `changes` are keys of its file."""
    base = passing_run().record.request
    written = {
        "game_day": "quarterly", "title": "The quarter's rehearsal", "target": "lab",
        "people": {"leads": "ana", "paged": ["bo"], "approves": ["cyd"]},
        "drills": [{"drill": "provider-outage"}] * count, **changes,
    }  # fmt: skip
    day = GameDay.model_validate(written)
    one = PreparedDrill(drill=base.drill, plan=base.plan)
    return GameDayRequest(
        game_day=day, drills=(one,) * len(day.drills), target=base.target,
        environment=base.environment, suite_file=base.suite_file,
        target_file=str(folder / "gameday.yaml"), runs=str(folder / "runs"), requested_by="ana",
    )  # fmt: skip


@workflow.defn(name="drill", sandboxed=False)
class DrillStandIn:
    def __init__(self):
        self.aborted = ""

    @workflow.signal
    def abort(self, by: str) -> None:
        self.aborted = by

    @workflow.run
    async def run(self, request: RunRequest) -> Result:
        ending = asyncio.ensure_future(
            workflow.execute_activity(
                "end_drill", request.run_id, result_type=Result, task_queue=QUEUE_DRILL,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=timedelta(seconds=5),
            )
        )  # fmt: skip
        await workflow.wait_condition(lambda: ending.done() or bool(self.aborted))
        if not ending.done():
            ending.cancel()
            return await workflow.execute_activity(
                "abort_drill", self.aborted, result_type=Result, task_queue=QUEUE_DRILL,
                start_to_close_timeout=timedelta(seconds=60),
            )  # fmt: skip
        return await ending


class Drills:
    """How each drill ends, by its position in the day; one that hangs waits to be told."""

    def __init__(self, folder):
        self._folder = folder
        self.day = f"DAY{next(_DAYS)}"  # tests share a server, and it knows the days of all
        self.began = []
        self.verdicts = {}
        self.hangs = set()
        self.passed = result_of(folder / "made" / "passed")
        self.failed = result_of(folder / "made" / "failed", Verdict.FAILED)

    def ids(self, count):
        return [f"{self.day}-{number}" for number in range(1, count + 1)]

    def result(self, verdict):
        base = self.passed if verdict is Verdict.PASSED else self.failed
        return base.model_copy(update={"verdict": verdict, "reason": f"it {verdict}"})

    @activity.defn(name="end_drill")
    async def end_drill(self, run_id: str) -> Result:
        self.began.append(run_id)
        position = int(run_id.rpartition("-")[2])
        while position in self.hangs:
            activity.heartbeat()
            await asyncio.sleep(0.05)
        return self.result(self.verdicts.get(position, Verdict.PASSED))

    @activity.defn(name="abort_drill")
    async def abort_drill(self, by: str) -> Result:
        aborted = self.result(Verdict.ABORTED)
        return aborted.model_copy(update={"reason": f"{by} aborted the drill"})


@asynccontextmanager
async def at_work(client, state, drills, queue=QUEUE):
    """Workers of the day and of its drills."""
    acts = GameDayActivities(state)
    day = Worker(
        client, task_queue=queue, workflows=[GameDayWorkflow],
        activities=[acts.open_day, acts.begin_drill, acts.keep_day, acts.tell_day,
                    acts.find_result],
    )  # fmt: skip
    drill = Worker(
        client, task_queue=QUEUE_DRILL, workflows=[DrillStandIn],
        activities=[drills.end_drill, drills.abort_drill],
        max_heartbeat_throttle_interval=timedelta(milliseconds=50),
    )  # fmt: skip
    async with day, drill:
        yield


@contextmanager
def dev_server(folder, port=0):
    """The real server, with what it knows in a file; the address that it answers at."""
    port = port or free_port()
    child = temporal_child(folder, port=port, ui_port=free_port())
    child.start()
    try:
        child.wait_ready(lambda: temporal_answers(port), within_s=READY_S_MAX)
        yield f"127.0.0.1:{port}"
    finally:
        child.stop()


async def connected(address):
    """A client; a server whose port is open may not be ready yet."""
    for _ in range(300):
        try:
            return await connect(address)
        except StartError:
            await asyncio.sleep(0.2)
    return await connect(address)


async def start(client, request, day_id):
    return await client.start_workflow(
        GameDayWorkflow.run, request, id=f"game-day-{day_id}", task_queue=QUEUE
    )
