"""`gameday acts`: what a run has changed for good, and the way back, by the injector alone."""

import asyncio
import json
from typing import Annotated

import typer

from gameday.cli.options import DEFAULT_STATE, AsJson, StateFolder
from gameday.cli.safety import InjectorUrl
from gameday.domain.act import ActRecord, ActState
from gameday.domain.component import Version
from gameday.domain.errors import FileError
from gameday.domain.verdict import ExitCode
from gameday.injector.client import InjectorClient
from gameday.injector.state import StateFolder as InjectorFolder
from gameday.injector.state import read_token
from gameday.reporting.inert import inert_line


def acts(
    run_id: Annotated[str, typer.Argument(help="The run of a runbook.")],
    undo: Annotated[
        bool, typer.Option("--undo", help="Put all of it back, the last change first.")
    ] = False,
    injector: InjectorUrl = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Show what a run of a runbook has changed, or put it back. Asks the injector alone.

    Example:  gameday acts 9P3R --undo
    """
    folder = state / "injector"
    client = InjectorClient(injector or InjectorFolder(folder).url(), read_token(folder))
    records = asyncio.run(_put_back(client, run_id) if undo else client.acts(run_id))
    if not records:
        raise FileError(
            f"run {run_id} has changed nothing that this injector knows of",
            next_step="gameday explain RUN says what a run has done; --injector names another one",
        )
    if as_json:
        print(json.dumps([record.model_dump(mode="json") for record in records], indent=2))
    else:
        for record in records:
            print("\n".join(_lines(record)))
    left = undo and any(record.state is not ActState.UNDONE for record in records)
    raise typer.Exit(ExitCode.DIRTY if left else ExitCode.PASSED)


async def _put_back(client: InjectorClient, run_id: str) -> list[ActRecord]:
    """Each is tried, also where one before it stays: what can go back goes back."""
    known = await client.acts(run_id)
    return [await client.undo_act(record.id) for record in reversed(known)]


def _lines(record: ActRecord) -> list[str]:
    let = f", approved by {', '.join(record.approved_by)}" if record.approved_by else ""
    when = f"{record.called_at:%Y-%m-%d %H:%M:%S} UTC, asked by {record.asked_by}{let}"
    lines = [
        f"{record.state.replace('_', ' '):<9} {record.id}  {inert_line(record.step.words)}",
        f"          {_stood(record.before)} → {_stood(record.after)}   {inert_line(when)}",
    ]
    lines += [f"          {inert_line(record.allowed_by)}"] if record.allowed_by else []
    lines += [f"          put back {record.undone_at:%H:%M:%S} UTC"] if record.undone_at else []
    told = ("stood there already; nothing was called" if record.already else "", record.problem)
    back = f"NOT PUT BACK: {record.undo_failed}" if record.undo_failed else ""
    return lines + [
        f"          {inert_line(one)}" for one in (*told, record.recovered, back) if one
    ]


def _stood(version: Version | None) -> str:
    return "unread" if version is None else inert_line(version.words)
