"""`gameday incident`: something is wrong for real, so nobody rehearses there until it is over."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gameday.catalog.files import load_target
from gameday.cli.drills_there import stop_drills
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    EnvironmentName,
    StateFolder,
    TargetFile,
    Who,
    me,
)
from gameday.cli.planning import choose_environment
from gameday.cli.session import attached_session, target_file
from gameday.domain.errors import FileError, StartError
from gameday.domain.incident import Incident
from gameday.reporting.inert import inert_line
from gameday.store.incidents import Incidents


def open_(
    what: Annotated[str, typer.Argument(help="What is wrong, in a sentence.")],
    incident_id: Annotated[
        str, typer.Option("--id", help="As others call it; a number of its own unless given.")
    ] = "",
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    who: Who = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Open an incident: drills on its target are told to end, and none is started.

    Example:  gameday incident open "answers cite nothing" --environment lab
    """
    with target_file(target, state, DEFAULT_RUNS, lab=False) as file:
        found = load_target(file)
        where = choose_environment(found, environment, file)
    opened = keep_open(state, incident_id, found.target, where, what, who or me())
    stopped = stop_drills_there(state, opened)
    _say([opened], as_json=as_json)
    if not as_json:
        print(f"  {stopped}")


def list_(
    every: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Show the incidents that are open.

    Example:  gameday incident list --all
    """
    _say([one for one in Incidents(state).all() if one.open or every], as_json=as_json)


def close(
    incident_id: Annotated[str, typer.Argument(help="The incident's id.")],
    who: Who = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
) -> None:
    """Close an incident, whatever its alerts say: drills may run there again.

    Example:  gameday incident close INC-12
    """
    incidents, by, now = Incidents(state), who or me(), datetime.now(UTC)
    if not incidents.get(incident_id).open:
        raise FileError(
            f"incident {incident_id} is closed already", next_step="gameday incident list --all"
        )
    _say([incidents.change(incident_id, lambda one: one.closed(by, now))], as_json=as_json)


def keep_open(
    state: Path, incident_id: str, target: str, environment: str, what: str, by: str
) -> Incident:
    """Keep an incident; the one of this id where it is open. Raises FileError where it is not."""
    now, incidents = datetime.now(UTC), Incidents(state)
    try:
        new = Incident(
            id=incident_id,
            target=target,
            environment=environment,
            since=now,
            what=what,
            source=by,
        )
    except ValueError as error:
        raise FileError(
            f"{incident_id!r} cannot be what an incident is called, or {what!r} what is wrong: "
            "expected an id of letters, digits, dots, dashes; and a sentence",
            next_step='gameday incident open "what is wrong" --id INC-12',
        ) from error
    opened = incidents.open(new)
    if not opened.open or opened.target != target:
        state_of = "open on" if opened.open else "closed, and was on"
        raise FileError(
            f"incident {opened.id} is {state_of} target {opened.target}",
            next_step="choose another --id; gameday incident list --all",
        )
    return opened


def stop_drills_there(state: Path, incident: Incident) -> str:
    """Tell the drills on its target to end; what came of it, in a sentence."""
    try:
        session = attached_session(state)
    except StartError:
        return "no Temporal is known here, so no drill was told to end"

    async def stop() -> list[str]:
        client = await session.temporal()
        return await stop_drills(client, incident.target, f"incident {incident.id}")

    stopped = asyncio.run(stop())
    if not stopped:
        return f"no drill goes on on target {incident.target}"
    return f"told to end, and to put everything back: {', '.join(stopped)}"


def _say(incidents: list[Incident], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in incidents], indent=2))
        return
    for one in incidents:
        since, until = f"since {one.since:%Y-%m-%d %H:%M}", ""
        if one.closed_at is not None:
            until = f", closed {one.closed_at:%Y-%m-%d %H:%M} by {inert_line(one.closed_by)}"
        print(f"{one.id}  {'open' if one.open else 'closed'}  {one.target}/{one.environment}  "
              f"{since}{until}")  # fmt: skip
        print(f"    {inert_line(one.what)}; by {inert_line(one.source)}")
        if one.run:
            print(f"    run {one.run}: {one.outcome or 'goes on'}")
        if one.alerts:
            print(f"    {len(one.alerts)} alerts, {len(one.over)} of them over")
    if not incidents:
        print("no incident is open")
