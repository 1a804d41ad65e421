"""`gameday respond`: plays a runbook in an incident, or says what it would do."""

import asyncio
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from gameday.cli.identity import (
    TOKEN_PROOF,
    KeyFile,
    Signer,
    TokenFile,
    TokenProof,
    started_by,
)
from gameday.cli.incident import keep_open, stop_drills_there
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
)
from gameday.cli.respond_planning import prepare_respond, respond_start
from gameday.cli.respond_screen import RespondScreen
from gameday.cli.session import Session, attached_session, lab_session
from gameday.cli.starting import start_respond
from gameday.domain.errors import FileError, RefusedError
from gameday.domain.runbook_record import RunbookRecord, RunbookStart
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.statement import run_digest
from gameday.domain.verdict import ExitCode
from gameday.domain.waiting import Waiting
from gameday.store.incidents import Incidents

_LOOK_EVERY_S = 0.5

Handle = WorkflowHandle[Any, RunbookRecord]


def respond(
    runbook: Annotated[str, typer.Argument(help="A runbook's name, or the path of its file.")],
    incident: Annotated[str, typer.Option(help="The incident that it is for, e.g. INC-12.")] = "",
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help="One of its inputs: provider=primary.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask, and say what it would do; change nothing.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start it, and do not wait.")] = False,
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    lab: Lab = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
    who: Who = None,
    key: KeyFile = None,
    oidc_token_file: TokenFile = None,
    oidc: TokenProof = TOKEN_PROOF,
) -> None:
    """Play a runbook in an incident. What its steps change stays.

    Ctrl-C leaves it going on: stop it with `gameday abort RUN`, which leaves what it has changed.

    Example:  gameday respond model-regressed --incident INC-12

    Exit codes: 0 resolved (or a dry run that was shown), 1 undone or failed, 2 bad file or usage,
    3 handed over to people, 4 stopped, 5 dirty, 6 refused.
    """
    if not incident and not dry_run:
        raise FileError(
            "what is done for good is done for an incident, and none is named",
            next_step=f"--incident INC-12, or  gameday respond {runbook} --dry-run",
        )
    told = dict(_input(text) for text in inputs or ())
    mode = Mode.DRY_RUN if dry_run else Mode.LIVE
    signer = Signer.of(who, key, oidc_token_file, oidc)
    with lab_session(state, runs, "") if lab else nullcontext(attached_session(state)) as session:
        prepared = prepare_respond(runbook, told, session.target_file(target), environment)
        start = respond_start(prepared, runs, signer.name, mode=mode, incident=incident)
        start = _asked(session, start, signer)
        screen = RespondScreen(sys.stderr if as_json else sys.stdout)
        screen.head(start.request)
        if not dry_run:
            screen.say(_incident(session, start.request, state))
        record = asyncio.run(_respond(session, start, screen, detach=detach))
    if record is None:
        raise typer.Exit(ExitCode.PASSED)
    if as_json:
        print(record.model_dump_json(indent=2, by_alias=True))
    raise typer.Exit(record.exit_code)


def _input(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise FileError(
            f"--input {text}: expected a name and a value", next_step="--input provider=primary"
        )
    return name, value


def _asked(session: Session, start: RunbookStart, signer: Signer) -> RunbookStart:
    """Asked for by whoever the injector takes us for, who says there that it is to start."""
    of = start.request
    injector = session.injector(of.target.environments[of.environment].injector)
    digest = run_digest(of.mode, of.target.target, of.environment, of.runbook.digest)
    said = started_by(injector, signer, run_id=of.run_id, digest=digest)
    request = of.model_copy(update={"requested_by": asyncio.run(said)})
    return start.model_copy(update={"request": request})


def _incident(session: Session, request: RunbookRequest, state: Path) -> str:
    """Keep it open from before the first step on, and end the drills there; what came of that."""
    opened = keep_open(
        state,
        request.incident,
        request.target.target,
        request.environment,
        request.runbook.title,
        request.requested_by,
    )
    Incidents(state).change(opened.id, lambda one: one.answered_by(request.run_id))
    drills = stop_drills_there(state, opened) if session.own_stack is None else "no drill goes on"
    return f"  {'incident':<12} {opened.id} is open; {drills}"


async def _respond(
    session: Session, start: RunbookStart, screen: RespondScreen, *, detach: bool
) -> RunbookRecord | None:
    """How it ended; None where nobody waits for that."""
    client = await session.temporal()
    try:
        handle = await start_respond(client, start)
    except WorkflowAlreadyStartedError:
        raise RefusedError(f"there is a run {start.request.run_id} already") from None
    if detach:
        screen.say(f"  it goes on:  gameday status {start.request.run_id}")
        return None
    return await _watch(handle, screen, start.request.run_id)


async def _watch(handle: Handle, screen: RespondScreen, run_id: str) -> RunbookRecord | None:
    left, result = asyncio.Event(), asyncio.create_task(handle.result())
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, left.set)
    while not result.done():
        await asyncio.wait({result}, timeout=_LOOK_EVERY_S)
        if left.is_set():
            result.cancel()
            screen.say(f"  it goes on; stop it with  gameday abort {run_id}")
            return None
        await _look(handle, screen)
    try:
        record = result.result()
    except WorkflowFailureError as error:
        raise RefusedError(
            f"run {run_id} ended without a record of its end: {error.cause or error}",
            next_step=f"what it changed: runs/{run_id}/runbook.json",
        ) from error
    screen.show(record)
    screen.end(record)
    return record


async def _look(handle: Handle, screen: RespondScreen) -> None:
    """Show what is new. No answer is no news: a worker may be away for a while."""
    try:
        screen.show(await asyncio.wait_for(handle.query("progress", result_type=RunbookRecord), 2))
        waiting = await asyncio.wait_for(handle.query("waiting", result_type=Waiting), 2)
    except (RPCError, TimeoutError, WorkflowQueryFailedError):
        return
    if waiting is not None:
        screen.ask(waiting)
