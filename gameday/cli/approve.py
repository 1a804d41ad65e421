"""`gameday approve`: says yes or no to the exact plan of a run that waits for it."""

import asyncio
import sys
from typing import Annotated

import typer
from temporalio.client import WorkflowUpdateFailedError

from gameday.cli.handles import Handle, running_any
from gameday.cli.identity import TOKEN_PROOF, KeyFile, Signer, TokenFile, TokenProof
from gameday.cli.options import DEFAULT_STATE, RunId, StateFolder, Who
from gameday.cli.session import Session, attached_session
from gameday.domain.errors import FileError, RefusedError
from gameday.domain.plan import digest as plan_digest
from gameday.domain.progress import Approval, RunProgress
from gameday.domain.statement import Statement
from gameday.domain.waiting import Waiting
from gameday.reporting.inert import inert, inert_line
from workflows.drill import DrillWorkflow


def approve(
    run_id: RunId,
    deny: Annotated[bool, typer.Option("--deny", help="Say no: the run then ends.")] = False,
    answer: Annotated[str, typer.Option(help="The choice, where a question is asked.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    key: KeyFile = None,
    oidc_token_file: TokenFile = None,
    oidc: TokenProof = TOKEN_PROOF,
    state: StateFolder = DEFAULT_STATE,
    who: Who = None,
) -> None:
    """Show the exact plan of a run that waits for people, and say yes or no to it.

    Example:  gameday approve 7Q2K --key ~/.config/gameday/dana.pem

    Whoever asked for the run cannot approve it. Where the policy names no people, the name that
    --as gives is believed.
    """
    signer = Signer.of(who, key, oidc_token_file, oidc)
    session = attached_session(state)
    asyncio.run(_approve(session, run_id, signer, _word(deny, answer), asks=not yes))


def _word(deny: bool, answer: str) -> str:
    if deny and answer:
        raise FileError("--deny and --answer are for different runs", next_step="leave one out")
    return answer or ("deny" if deny else "approve")


async def _approve(session: Session, run_id: str, signer: Signer, word: str, *, asks: bool) -> None:
    handle = await running_any(await session.temporal(), run_id)
    waiting = await waited_for(handle, run_id)
    statement = _statement(waiting, word)
    for line in _lines(waiting):
        print(inert(line.replace("\n", " ")))
    if asks and sys.stdin.isatty() and not typer.confirm(f"\n{word}?"):
        raise FileError("nothing was said", next_step=f"gameday approve {run_id}")
    said = await signer.say(session.injector(waiting.injector), statement)
    print(inert_line(f"{word} by {said.by}, {said.how}"))
    if word == "approve" and said.by == waiting.asked_by:
        raise RefusedError(
            f"{said.by} asked for run {run_id}; somebody else approves it",
            next_step=f"gameday approve {run_id}, by another person",
        )
    print(inert_line(f"run {run_id}: {await woken(handle, run_id, waiting, said.by)}"))


async def waited_for(handle: Handle, run_id: str) -> Waiting:
    """What the run waits for. Raises RefusedError where it waits for nobody."""
    # Every kind of run answers it, by the same name.
    waiting: Waiting | None = await handle.query(DrillWorkflow.waiting)
    if waiting is None:
        raise RefusedError(f"run {run_id} waits for nobody", next_step=f"gameday status {run_id}")
    await _require_true(handle, waiting)
    return waiting


async def woken(handle: Handle, run_id: str, waiting: Waiting, by: str) -> str:
    """Let the run look at what the injector has heard; what it found, in one sentence."""
    word = Approval(by=by, plan_digest=waiting.digest)
    try:
        found: str = await handle.execute_update("approve", word, result_type=str)
    except WorkflowUpdateFailedError as error:
        raise RefusedError(
            f"run {run_id}: {error.cause}", next_step=f"gameday status {run_id}"
        ) from error
    return found


async def _require_true(handle: Handle, waiting: Waiting) -> None:
    """Refuse to show one thing and sign another: the digest must be of what is shown."""
    if waiting.choices:
        return
    if waiting.proposal is not None:
        digest = waiting.proposal.digest
    else:
        seen: RunProgress = await handle.query("progress", result_type=RunProgress)
        asked = seen.record.request
        digest = plan_digest(asked.drill, asked.target, asked.environment)
    if digest != waiting.digest:
        raise RefusedError(
            f"run {waiting.run_id} asks for approval of {waiting.digest[:12]}, and what it is to "
            f"do has the digest {digest[:12]}",
            next_step=f"gameday abort {waiting.run_id}, and look who changed it",
        )


def _statement(waiting: Waiting, word: str) -> Statement:
    able = waiting.statements()
    if word not in able:
        raise FileError(
            f"run {waiting.run_id} can be told {', '.join(able)}, not {word}",
            next_step=f"gameday approve {waiting.run_id} --answer {next(iter(able))}"
            if waiting.choices
            else f"gameday approve {waiting.run_id}",
        )
    return able[word]


def _lines(waiting: Waiting) -> list[str]:
    choices = [f"  {name:<11} leads to {place}" for name, place in waiting.choices.items()]
    return [
        f"run {waiting.run_id}   {waiting.title}",
        *(f"  {line}" for line in waiting.lines),
        *choices,
        f"  asked by    {waiting.asked_by}",
        f"  digest      {waiting.digest}",
        f"  if nobody   by {waiting.until:%Y-%m-%d %H:%M} UTC: {waiting.otherwise}",
    ]
