"""Composition root of a worker: settings, clients, activities, worker. No logic.

`python -m worker --role drill` runs drills; `--role hold` renews leases and stands by for
everything that puts things back, in a process of its own that no load can starve.
"""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
import uuid
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.worker import Interceptor, Worker

import workflows
from activities.act import ActActivities
from activities.ask import AskActivities
from activities.beating import Beating
from activities.connections import injector_factory
from activities.errand import ErrandActivities
from activities.game_day import GameDayActivities
from activities.hold import HoldActivities
from activities.inject import InjectActivities
from activities.judge import JudgeActivities
from activities.load import LoadActivities
from activities.notify import NotifyActivities
from activities.observe import ObserveActivities
from activities.others_there import looks_at
from activities.people import PeopleActivities
from activities.plan_reverts import RevertPlanActivities
from activities.preflight import PreflightActivities
from activities.report import ReportActivities
from activities.respond import RespondActivities
from activities.restore import RestoreActivities
from activities.runbook import RunbookActivities
from activities.watch import WatchActivities
from gameday.domain.errors import GamedayError, StartError
from gameday.evidence.key import Keys
from gameday.store.history import History
from gameday.store.incidents import Incidents
from gameday.store.isolation import IsolationProofs
from gameday.store.ledger import Ledger
from gameday.store.references import References
from gameday.supervisor.child import leave_with_parent
from gameday.supervisor.hiding import start_log
from gameday.supervisor.queues import (
    QUEUE_CLOSE,
    QUEUE_DRILL,
    QUEUE_HOLD,
    day_queue,
    own_queue,
    watch_queue,
)
from gameday.supervisor.temporal import connect
from workflows.drill import DrillWorkflow
from workflows.game_day import GameDayWorkflow
from workflows.guardian import GuardianWorkflow
from workflows.runbook import RunbookWorkflow
from workflows.watch import WatchWorkflow

LEAVE_WITHIN_S = 5.0
WORKFLOWS = [DrillWorkflow, GuardianWorkflow, RunbookWorkflow]


def check_own_workflows() -> None:
    """Refuse to run somebody else's `workflows`: another distribution may own the name here."""
    found = Path(str(workflows.__file__)).resolve().parent
    own = Path(__file__).resolve().parent / "workflows"
    if found != own:
        raise StartError(
            f"the package `workflows` in this environment is another one: {found}",
            next_step="install ai-gameday into an environment of its own",
        )


def make_worker(
    client: Client,
    queue: str,
    activities: Sequence[Callable[..., Any]] = (),
    workflows: Sequence[type] = (),
    interceptors: Sequence[Interceptor] = (),
    *,
    identity: str | None = None,
) -> Worker:
    """A worker whose death is noticed soon: see docs/decisions/0003.

    identity: what others know it by; its process and host unless said.
    """
    return Worker(
        client,
        task_queue=queue,
        activities=list(activities),
        workflows=list(workflows),
        interceptors=list(interceptors),
        identity=identity,
        max_heartbeat_throttle_interval=timedelta(milliseconds=300),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=2),
    )


def closing_worker(client: Client, state: Path) -> Worker:
    """Puts back, judges and reports. Both roles run one, so that either may die."""
    injector = injector_factory(state)
    restore, judge, report = (
        RestoreActivities(injector),
        JudgeActivities(injector, Ledger(state)),
        ReportActivities(injector, Ledger(state), Keys(state), History(state)),
    )
    acts = ActActivities(injector)
    runbooks = RunbookActivities(injector, Ledger(state), Incidents(state))
    people = PeopleActivities(injector, IsolationProofs(state))
    closing: list[Callable[..., Any]] = [
        acts.outlook,
        acts.act,
        acts.verify_act,
        acts.undo_act,
        runbooks.remember_runbook,
        runbooks.heed_alert,
        runbooks.close_runbook,
        people.heard,
        people.approved,
        people.tell_people,
        restore.restore,
        judge.judge,
        report.remember,
        report.report,
        report.close,
        NotifyActivities().notify,
    ]
    return make_worker(client, QUEUE_CLOSE, closing, interceptors=[Beating()])


def drill_workers(client: Client, state: Path, stack: AsyncExitStack) -> list[Worker]:
    injector = injector_factory(state)
    # As Temporal names workers, but no two alike: a process id may come again.
    identity = f"{os.getpid()}@{socket.gethostname()}-{uuid.uuid4().hex[:6]}"
    load = LoadActivities(identity, client, injector)
    observe = ObserveActivities(load, injector)
    stack.push_async_callback(load.stop_all)
    proofs = IsolationProofs(state)
    looking: list[Callable[..., Any]] = [
        PreflightActivities(
            injector, proofs, Ledger(state), Incidents(state), looks_at(client)
        ).preflight,
        JudgeActivities(injector, Ledger(state)).judge_baseline,
        InjectActivities(injector, proofs).inject,
        RespondActivities(injector, proofs).respond,
        RevertPlanActivities(Ledger(state)).plan_reverts,
        AskActivities(References(state), Ledger(state)).ask,
        ErrandActivities(References(state), client).errand,
        load.start_load,
        load.find_workers,
    ]
    own: list[Callable[..., Any]] = [
        observe.observe,
        load.report_in,
        load.prepare_load,
        load.keep_load,
        load.stop_load,
    ]
    return [
        make_worker(client, QUEUE_DRILL, looking, WORKFLOWS, [Beating()], identity=identity),
        make_worker(client, own_queue(identity), own),
        closing_worker(client, state),
        watch_worker(client, state),
        day_worker(client, state),
    ]


def watch_worker(client: Client, state: Path) -> Worker:
    """Makes the ticks of the watches that its state folder keeps."""
    watch = WatchActivities(state)
    queue = watch_queue(Ledger(state).place)
    return make_worker(client, queue, [watch.look, watch.tell], [WatchWorkflow], [Beating()])


def day_worker(client: Client, state: Path) -> Worker:
    """Game days of the schedules that its state folder keeps. Both roles run one."""
    day = GameDayActivities(state)
    queue = day_queue(Ledger(state).place)
    acts: list[Callable[..., Any]] = [
        day.open_day, day.begin_drill, day.keep_day, day.tell_day, day.find_result,
    ]  # fmt: skip
    return make_worker(client, queue, acts, [GameDayWorkflow], [Beating()])


def hold_workers(client: Client, state: Path) -> list[Worker]:
    hold = HoldActivities(injector_factory(state), client)
    return [
        make_worker(client, QUEUE_HOLD, [hold.hold]),
        make_worker(client, QUEUE_DRILL, workflows=WORKFLOWS),
        closing_worker(client, state),
        day_worker(client, state),
    ]


async def work(role: str, address: str | None, state: Path, *, with_parent: bool) -> None:
    """Work until a SIGTERM or SIGINT, or, when asked, until the parent process is gone."""
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave.set)
    if with_parent:
        leave_with_parent(lambda: _from_thread(loop, leave))
    client = await connect(address)
    async with AsyncExitStack() as stack:
        drill = role == "drill"
        workers = drill_workers(client, state, stack) if drill else hold_workers(client, state)
        for worker in workers:
            await stack.enter_async_context(worker)
        await leave.wait()
        # The SDK waits long for a Temporal that is gone, and Ctrl-C must not.
        loop.call_later(LEAVE_WITHIN_S, os._exit, 0)


def _from_thread(loop: asyncio.AbstractEventLoop, leave: asyncio.Event) -> None:
    loop.call_soon_threadsafe(leave.set)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=["drill", "hold"], default="drill")
    parser.add_argument("--temporal", help="address; without it, the Temporal profile")
    parser.add_argument("--state", type=Path, default=Path(".gameday"))
    parser.add_argument("--with-parent", action="store_true", help="leave when the parent does")
    options = parser.parse_args()
    start_log(logging.WARNING, "%(asctime)s %(name)s %(message)s")
    try:
        check_own_workflows()
        asyncio.run(
            work(options.role, options.temporal, options.state, with_parent=options.with_parent)
        )
    except GamedayError as error:
        sys.stderr.write(f"{error.sentence}\n  {error.next_step}\n")
        sys.stderr.flush()
        os._exit(int(error.exit_code))
    # The SDK's threads may abort the interpreter's own end after all work is done.
    os._exit(0)


if __name__ == "__main__":
    main()
