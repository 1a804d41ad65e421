"""`gameday ledger`: what a system stands at and stood at, and what has changed since when."""

import asyncio
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from activities.fingerprints import read_components
from gameday.catalog.files import load_target
from gameday.catalog.input_samples import read_inputs
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
)
from gameday.cli.planning import choose_environment
from gameday.cli.session import target_file
from gameday.domain.errors import FileError
from gameday.domain.inputs import Mix, count_strata
from gameday.domain.ledger import Entry, what_changed
from gameday.domain.verdict import ExitCode
from gameday.reporting.ledger import (
    difference_document,
    difference_lines,
    entries_document,
    entry_lines,
)
from gameday.store.ledger import Ledger

_AGO = re.compile(r"([0-9]{1,5}) *(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_PRODUCTION = "production"  # who asked, where the inputs are users'


def record(
    by: Annotated[str, typer.Option(help="Who changed something, where no store knows.")] = "",
    note: Annotated[str, typer.Option(help="What was changed, e.g. the release.")] = "",
    inputs: Annotated[
        Path | None, typer.Option(help="Samples of what users ask, one JSON object a line.")
    ] = None,
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    lab: Lab = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Write down what the system's components stand at now. Changes nothing; asks no question.

    Example:  gameday ledger record --by ci --note "release 41"

    Exit codes: 0 written, 3 written, and no component could be read.
    """
    with target_file(target, state, runs, lab=lab) as file:
        described = load_target(file)
        chosen = choose_environment(described, environment, file)
        if not described.components and inputs is None:
            raise FileError(
                f"{file} declares no components, so there is nothing to write down",
                next_step="add `components:` there; docs/components.md says how",
            )
        read, unread = asyncio.run(read_components(file))
    entry = Entry(
        target=described.target,
        environment=chosen,
        at=datetime.now(UTC),
        by="ledger record",
        who=by,
        note=note,
        components=read,
        unread=unread,
        inputs={_PRODUCTION: _mix_of(inputs)} if inputs else {},
    )
    entry = Ledger(state).add(entry, f"ledger record {secrets.token_hex(8)}")
    if as_json:
        print(entry.model_dump_json(indent=2))
    else:
        print("\n".join(entry_lines(entry)))
    raise typer.Exit(ExitCode.INCONCLUSIVE if unread and not read else ExitCode.PASSED)


def list_(
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    last: Annotated[int, typer.Option(min=1, help="So many lines, the newest ones.")] = 20,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """List the ledger's lines, the oldest first. Reads no component.

    Example:  gameday ledger list --last 5
    """
    _, _, entries = _entries(target, environment, state, runs)
    if as_json:
        print(json.dumps(entries_document(entries[-last:]), indent=2))
        return
    for entry in entries[-last:]:
        print("\n".join(entry_lines(entry)))
    if not entries:
        print("the ledger has no line of it yet; write one with  gameday ledger record")


def diff(
    since: Annotated[
        str, typer.Option(help="A date, a date and time, 3h or 2d ago, or a run's id.")
    ],
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Say what changed since then, between which lines at least, and by whom if anybody knows.

    Example:  gameday ledger diff --since 2d
    """
    name, chosen, entries = _entries(target, environment, state, runs)
    if not entries:
        raise FileError(
            f"the ledger in {state} has no line of {name}/{chosen}",
            next_step="gameday ledger record",
        )
    found = what_changed(entries, moment_of(since, Ledger(state)))
    if as_json:
        print(json.dumps(difference_document(name, chosen, found), indent=2))
    else:
        print("\n".join(difference_lines(f"{name}/{chosen}", found)))


def _entries(
    target: Path, environment: str | None, state: Path, runs: Path
) -> tuple[str, str, list[Entry]]:
    """The target's name, its environment, and every line of it."""
    with target_file(target, state, runs, lab=False) as file:
        described = load_target(file)
        chosen = choose_environment(described, environment, file)
    return described.target, chosen, Ledger(state).all(described.target, chosen)


def _mix_of(file: Path) -> Mix:
    samples = read_inputs(file)
    return Mix.of(count_strata((one.text, one.group) for one in samples))


def moment_of(text: str, ledger: Ledger) -> datetime:
    """What `--since` names. Raises FileError."""
    if ago := _AGO.fullmatch(text.strip()):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    if (began := ledger.began(text)) is not None:
        return began
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise FileError(
            f"--since {text!r} is no date, no time ago, and no run that the ledger knows",
            next_step="for example --since 2026-11-29, --since 3h, --since 7Q2K",
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
