"""`gameday report`: the result of a run, which is closed first where nobody has closed it."""

import asyncio
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from gameday.cli.handles import workflow_id
from gameday.cli.judge import say
from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunId, RunsFolder, StateFolder
from gameday.cli.session import Session
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.result import Result
from gameday.evidence.key import Keys
from gameday.reporting.closing import close_run, wait_until_cleared
from gameday.reporting.coverage import find_coverages
from gameday.reporting.game_day_page import page_of_day, render_game_day
from gameday.reporting.inert import inert_line
from gameday.store.atomic import write_whole
from gameday.store.game_days import is_game_day, read_game_day
from gameday.store.history import History
from gameday.store.run_folder import RunFolder
from gameday.supervisor.stack import running_stack
from gameday.supervisor.temporal import names_destination
from workflows.drill import DrillWorkflow

_ANSWER_S_MAX = 3.0  # of a worker, before a run counts as one that nobody works on


def report(
    run_id: RunId,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show a run's result, or write a game day's page.

    A run that lost its workflow is closed first, and never passes. A game day's page is written
    anew each time, as findings go on.

    Example:  gameday report 7Q2K --open
    """
    if is_game_day(runs / run_id):
        _report_day(runs / run_id, state, open_=open_, as_json=as_json)
        return
    folder = RunFolder(runs / run_id)
    if folder.result_file.exists():
        result = folder.read_result()
    else:
        result = asyncio.run(_close(folder, state))
    say(result, as_json=as_json)
    if open_:
        webbrowser.open(folder.html_file.resolve().as_uri())


def _report_day(folder: Path, state: Path, *, open_: bool, as_json: bool) -> None:
    """One page for whoever answers for the day, beside what it is made of."""
    day, history, now = read_game_day(folder), History(state), datetime.now(UTC)
    history.catch_up(folder.parent)
    rows = history.rows(target=day.target, environment=day.environment)
    page = folder / "game_day.html"
    html = render_game_day(page_of_day(day, folder.parent, now, find_coverages(rows, now)))
    write_whole(page, html.encode())
    if as_json:
        print(day.model_dump_json(indent=2, by_alias=True))
    else:
        print(f"{(day.verdict or 'not closed').upper()}   {inert_line(day.reason)}")
        print(f"  page     {page}")
    if open_:
        webbrowser.open(page.resolve().as_uri())


async def _close(folder: RunFolder, state: Path) -> Result:
    request = folder.read_record().request
    session = Session(state, running_stack(state))
    await _require_over(session, request.run_id)
    url = request.target.environments[request.environment].injector
    reason = "the run ended without closing its record; `gameday report` closed it"
    injector = session.injector(url)
    await wait_until_cleared(injector, request)
    keys, history = Keys(state), History(state)
    return await close_run(folder, injector, by="cli", reason=reason, keys=keys, history=history)


async def _require_over(session: Session, run_id: str) -> None:
    """Raises RefusedError while a run goes on. Where no Temporal answers, nothing does.

    Temporal calls a run without any worker `running` for ever; such a run is ended here, so that
    a worker that comes back does not go on with it.
    """
    if session.running is None and not names_destination():
        return
    try:
        client = await session.temporal()
        handle = client.get_workflow_handle(workflow_id(run_id))
        described = await handle.describe()
        if described.status is not WorkflowExecutionStatus.RUNNING:
            return
        if not await _is_answered(handle):
            await handle.terminate(reason="no worker answers; closed by `gameday report`")
            return
    except (GamedayError, RPCError):
        return
    raise RefusedError(f"run {run_id} still goes on", next_step=f"gameday status {run_id}")


async def _is_answered(handle: "WorkflowHandle[Any, Any]") -> bool:
    """Whether any worker answers for the run."""
    try:
        await asyncio.wait_for(handle.query(DrillWorkflow.wants_faults), _ANSWER_S_MAX)
    except (RPCError, TimeoutError):
        return False
    return True
