"""`gameday judge` and `report`: what is asked of a run that is over."""

import asyncio
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunId, RunsFolder, StateFolder
from gameday.cli.session import Session
from gameday.cli.watching import workflow_id
from gameday.domain.errors import GamedayError, RefusedError
from gameday.domain.result import Result
from gameday.reporting.closing import close_run
from gameday.reporting.terminal import verdict_lines
from gameday.reporting.write import write_reports
from gameday.store.run_folder import RunFolder
from gameday.supervisor.stack import running_stack
from gameday.supervisor.temporal import names_destination


def judge(run_id: RunId, as_json: AsJson = False, runs: RunsFolder = DEFAULT_RUNS) -> None:
    """Judge a stored run again, with today's checks, and write its report anew.

    Example:  gameday judge 7Q2K
    """
    folder = RunFolder(runs / run_id)
    _require_closed(folder)
    result = write_reports(folder, folder.read_record(), folder.read_samples())
    _say(result, as_json=as_json)
    raise typer.Exit(result.exit_code)


def report(
    run_id: RunId,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show a run's result. A run that lost its workflow is closed first, and never passes.

    Example:  gameday report 7Q2K --open
    """
    folder = RunFolder(runs / run_id)
    if folder.result_file.exists():
        result = folder.read_result()
    else:
        result = asyncio.run(_close(folder, state))
    _say(result, as_json=as_json)
    if open_:
        webbrowser.open(folder.html_file.resolve().as_uri())


async def _close(folder: RunFolder, state: Path) -> Result:
    request = folder.read_record().request
    session = Session(state, running_stack(state))
    if await _goes_on(session, request.run_id):
        raise RefusedError(
            f"run {request.run_id} still goes on", next_step=f"gameday status {request.run_id}"
        )
    url = request.target.environments[request.environment].injector
    reason = "the run ended without closing its record; `gameday report` closed it"
    return await close_run(folder, session.injector(url), by="cli", reason=reason)


async def _goes_on(session: Session, run_id: str) -> bool:
    """Whether Temporal says that the run goes on. Where no Temporal answers, nothing does."""
    if session.running is None and not names_destination():
        return False
    try:
        client = await session.temporal()
        described = await client.get_workflow_handle(workflow_id(run_id)).describe()
    except (GamedayError, RPCError):
        return False
    return described.status is WorkflowExecutionStatus.RUNNING


def _require_closed(folder: RunFolder) -> None:
    if not folder.result_file.exists():
        folder.read_record()  # says so when there is no such run at all
        raise RefusedError(
            f"run {folder.run_id} is not closed", next_step=f"gameday report {folder.run_id}"
        )


def _say(result: Result, *, as_json: bool) -> None:
    if as_json:
        print(result.model_dump_json(indent=2, by_alias=True))
        return
    for line in verdict_lines(result):
        print(line)
