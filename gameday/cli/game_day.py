"""`gameday game-day`: drills in an order, the people beside them, and what came of it."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from gameday.cli.day_watching import DayWatch, day_lines
from gameday.cli.game_day_plan import looks_elsewhere, plan_lines, prepare_day
from gameday.cli.identity import KeyFile, Signer, started_by
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    EnvironmentName,
    Lab,
    RunsFolder,
    StateFolder,
    TargetFile,
    Who,
    me,
)
from gameday.cli.planning import new_run_id
from gameday.cli.screen import table
from gameday.cli.session import Session, attached_session, lab_session, lab_target
from gameday.domain.errors import FileError, RefusedError, StartError
from gameday.domain.game_day import (
    DayApproval,
    DayProgress,
    GameDayRequest,
    GameDayResult,
    Mark,
    opened_day,
    run_id_of,
    workflow_id_of,
)
from gameday.domain.statement import Says, Statement
from gameday.domain.verdict import Decision
from gameday.injector.client import InjectorClient
from gameday.store.game_days import game_days_in, read_game_day
from gameday.store.ledger import Ledger
from gameday.supervisor.game_days import start_day
from gameday.supervisor.queues import day_queue
from workflows.game_day import GameDayWorkflow

DayName = Annotated[str, typer.Argument(help="A game day's name, or the path of its file.")]
DayId = Annotated[str, typer.Argument(help="The game day's id, as `run` and `status` show it.")]
Handle = WorkflowHandle[GameDayWorkflow, GameDayResult]
_ANSWER_S_MAX = 3.0


def plan(
    game_day: DayName,
    lab: Lab = False,
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show what a game day would do, at the worst. Touches nothing and spends nothing.

    Example:  gameday game-day plan quarterly --lab
    """
    if lab:
        with lab_target(state, alerts=looks_elsewhere(game_day)) as file:
            request = prepare_day(game_day, file, environment, runs, me())
    else:
        request = prepare_day(game_day, target, environment, runs, me())
    if as_json:
        plans = [one.plan.model_dump(mode="json") for one in request.drills]
        day = request.game_day.model_dump(mode="json", by_alias=True)
        print(json.dumps({"digest": request.digest, "game_day": day, "plans": plans}, indent=2))
        return
    for line in plan_lines(request):
        print(line)


def run(
    game_day: DayName,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="You lead it, and its preconditions hold.")
    ] = False,
    lab: Lab = False,
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    who: Who = None,
    key: KeyFile = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Run a game day now and wait for its end. Other people answer from their own terminals.

    Example:  gameday game-day run quarterly --lab --confirmed --as ana

    Exit codes: as `gameday run`, by the worst of its drills.
    """
    with _session(game_day, state, runs, lab=lab) as session:
        file = session.target_file(target)
        signer = Signer(who or me(), key)
        request = prepare_day(game_day, file, environment, runs, signer.name)
        day = asyncio.run(_run(session, request, signer, as_json=as_json, confirmed=confirmed))
    if as_json:
        print(day.model_dump_json(indent=2, by_alias=True))
    if day.verdict is not None:
        raise typer.Exit(Decision(verdict=day.verdict, reason=day.reason).exit_code)


def status(
    day_id: Annotated[str | None, typer.Argument(help="One game day; without it, all.")] = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show a game day: its drills, whom it waits for, and how it ended. Without an id, all here.

    Example:  gameday game-day status
    """
    if day_id is None:
        days = game_days_in(runs)
        if as_json:
            print(json.dumps([day.model_dump(mode="json", by_alias=True) for day in days]))
            return
        rows = [(day.id, day.verdict or "goes on", day.game_day, day.reason) for day in days]
        for line in (
            table([("DAY", "VERDICT", "GAME DAY", ""), *rows]) if rows else ("no game day",)
        ):
            print(line)
        return
    seen = asyncio.run(_seen(day_id, state, runs))
    if as_json:
        print(seen.model_dump_json(indent=2, by_alias=True))
        return
    for line in day_lines(seen):
        print(line)


def approve(
    day_id: DayId, state: StateFolder = DEFAULT_STATE, who: Who = None, key: KeyFile = None
) -> None:
    """Say yes to what a game day waits for: its preconditions, or that a drill begins.

    Example:  gameday game-day approve 7Q2K --as cyd
    """

    async def say() -> str:
        session = attached_session(state)
        handle = await _handle(session, day_id)
        seen: DayProgress = await handle.query(GameDayWorkflow.progress)
        by = await _said_by(session.injector(seen.injector), Signer(who or me(), key), seen)
        approval = DayApproval(by=by, digest=seen.day.digest)
        return await handle.execute_update(GameDayWorkflow.approve, approval)

    print(asyncio.run(_told(say(), day_id)))


def mark(
    day_id: DayId,
    what: Annotated[
        Literal["paged", "acknowledged", "decided"], typer.Argument(help="What was done just now.")
    ],
    words: Annotated[str, typer.Option(help="What was decided, in a sentence.")] = "",
    state: StateFolder = DEFAULT_STATE,
    who: Who = None,
) -> None:
    """Record when somebody was paged, acknowledged or decided, beside the drill that goes on.

    Example:  gameday game-day mark 7Q2K acknowledged --as bo
    """

    async def say() -> str:
        handle = await _handle(attached_session(state), day_id)
        done = Mark(what=what, by=who or me(), words=words)
        return await handle.execute_update(GameDayWorkflow.mark, done)

    print(asyncio.run(_told(say(), day_id)))


def abort(day_id: DayId, state: StateFolder = DEFAULT_STATE, who: Who = None) -> None:
    """Begin no more drills, and abort the one that goes on, which puts everything back.

    Example:  gameday game-day abort 7Q2K
    """

    async def say() -> str:
        handle = await _handle(attached_session(state), day_id)
        await handle.signal(GameDayWorkflow.abort, who or me())
        return f"game day {day_id} is told to end; see  gameday game-day status {day_id}"

    print(asyncio.run(_told(say(), day_id)))


@contextmanager
def _session(game_day: str, state: Path, runs: Path, *, lab: bool) -> Iterator[Session]:
    """Check the files first: a wrong one must be told before anything is started."""
    if not lab:
        yield attached_session(state)
        return
    alerts = looks_elsewhere(game_day)
    with lab_target(state, alerts=alerts) as described:
        prepare_day(game_day, described, None, runs, me())
    sys.stderr.write("starting the lab, Temporal, the injector and two workers …\n")
    with lab_session(state, runs, "", alerts=alerts) as session:
        yield session


async def _run(
    session: Session, request: GameDayRequest, signer: Signer, *, as_json: bool, confirmed: bool
) -> GameDayResult:
    client = await session.temporal()
    queue = day_queue(Ledger(session.state_folder).place)
    day_id = new_run_id(Path(request.runs))
    opened = opened_day(request, day_id, datetime.now(UTC))
    by = await _begun_by(session.injector(request.injector), signer, opened)
    request = request.model_copy(update={"requested_by": by})
    handle = await start_day(client, request, day_id, queue)
    out = sys.stderr if as_json else sys.stdout
    watch = DayWatch(handle, request, day_id, out, confirms=confirmed)
    return await watch.run()


async def _said_by(injector: InjectorClient, signer: Signer, seen: DayProgress) -> str:
    """Whom the injector takes the signer for; it counts the yes for the drill's own plan too."""
    if seen.waits_for is None or seen.waits_for.position is None:
        return await _begun_by(injector, signer, seen.day)
    drill = seen.day.drills[seen.waits_for.position]
    run_id = run_id_of(seen.day.id, seen.waits_for.position)
    yes = Statement(says=Says.APPROVE, digest=drill.plan_digest, run_id=run_id)
    return (await signer.say(injector, yes)).by


async def _begun_by(injector: InjectorClient, signer: Signer, day: GameDayResult) -> str:
    """Tell the injector who starts each drill of the day, where its policy names people."""
    by = signer.name
    for position, drill in enumerate(day.drills):
        run_id = run_id_of(day.id, position)
        by = await started_by(injector, signer, run_id=run_id, digest=drill.plan_digest)
    return by


async def _handle(session: Session, day_id: str) -> Handle:
    client: Client = await session.temporal()
    return client.get_workflow_handle_for(GameDayWorkflow.run, workflow_id_of(day_id))


async def _told(saying: Awaitable[str], day_id: str) -> str:
    """What the game day answers. Raises GamedayError where there is none, or it says no."""
    try:
        return await saying
    except (WorkflowUpdateFailedError, WorkflowQueryFailedError) as error:
        raise RefusedError(
            f"game day {day_id}: {error.cause or error}",
            next_step=f"gameday game-day status {day_id}",
        ) from error
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise StartError(f"Temporal does not answer: {error.message}") from error
        raise FileError(
            f"no game day {day_id} goes on", next_step=f"gameday game-day status {day_id}"
        ) from error


async def _seen(day_id: str, state: Path, runs: Path) -> DayProgress:
    """As its workflow sees it; as its folder has it, where no workflow answers."""
    try:
        handle = await _handle(attached_session(state), day_id)
        return await asyncio.wait_for(handle.query(GameDayWorkflow.progress), _ANSWER_S_MAX)
    except (StartError, RPCError, TimeoutError, WorkflowQueryFailedError):
        return DayProgress(day=read_game_day(runs / day_id))
