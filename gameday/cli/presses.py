"""Takes a press in Slack to the injector of its run, and wakes the run."""

from pathlib import Path
from typing import Any

from temporalio.service import RPCError

from gameday.cli.approve import waited_for, woken
from gameday.cli.handles import running_any
from gameday.cli.session import attached_session
from gameday.domain.errors import GamedayError, RefusedError, StartError
from gameday.domain.statement import Given, Statement, Word
from gameday.reporting.asking import message_of_answer, message_of_no


async def take_press(state: Path, statement: Statement, press: Given) -> tuple[str, dict[str, Any]]:
    """What came of it: a line for the terminal, and a message for Slack."""
    try:
        word, found = await _counted(state, statement, press)
    except GamedayError as error:
        no = message_of_no(statement.run_id, error.sentence, error.next_step)
        return f"not counted: {error.sentence}", no
    return f"{statement.says} by {word.by}: {found}", message_of_answer(word, found)


async def _counted(state: Path, statement: Statement, press: Given) -> tuple[Word, str]:
    """Whose word it is, and what the run has found. Raises GamedayError where it does not count."""
    session = attached_session(state)
    run_id = statement.run_id
    try:
        handle = await running_any(await session.temporal(), run_id)
        waiting = await waited_for(handle, run_id)
        if statement not in waiting.statements().values():
            raise RefusedError(f"run {run_id} waits for something else by now")
        word = await session.injector(waiting.injector).say(statement, proof=press)
        return word, await woken(handle, run_id, waiting, word.by)
    except RPCError as error:
        raise StartError(
            f"Temporal does not answer: {error.message}", next_step=f"gameday approve {run_id}"
        ) from error
