"""`gameday ledger plan`: what to put back first, by what changed and by what a watch has seen."""

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from gameday.catalog.files import load_target
from gameday.catalog.suite_files import load_suite
from gameday.cli.ledger import moment_of
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    AsJson,
    EnvironmentName,
    RunsFolder,
    StateFolder,
    TargetFile,
)
from gameday.cli.planning import choose_environment
from gameday.cli.session import target_file
from gameday.domain.errors import FileError
from gameday.domain.ledger import what_changed
from gameday.domain.revert_plan import changed_since, plan_reverts
from gameday.domain.shown import Shown, shown_by_group
from gameday.domain.stretches import LONGEST
from gameday.domain.target import Target
from gameday.domain.tick import Tick
from gameday.domain.watch import Watch
from gameday.reporting.revert_plan import plan_lines
from gameday.store.ledger import Ledger
from gameday.store.references import References
from gameday.store.watches import Watches


def plan(
    since: Annotated[
        str, typer.Option(help="When all was well: a date and time, 3h or 2d ago, or a run's id.")
    ],
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Say which changes to put back, in what order, and which to leave alone. Changes nothing.

    Which groups of questions are worse is what the system's watch has seen since then.

    Example:  gameday ledger plan --since 3h
    """
    with target_file(target, state, runs, lab=False) as file:
        described = load_target(file)
        chosen = choose_environment(described, environment, file)
        suite = load_suite((file.parent / described.suite).resolve()).suite
    entries = Ledger(state).all(described.target, chosen)
    if not entries:
        raise FileError(
            f"the ledger in {state} has no line of {described.target}/{chosen}",
            next_step="gameday ledger record",
        )
    at = moment_of(since, Ledger(state))
    found = what_changed(entries, at)
    shown = _shown(described, chosen, suite, at, state)
    made = plan_reverts(changed_since(found, described.components), shown)
    if as_json:
        whole = {"target": described.target, "environment": chosen, "since": at.isoformat()}
        print(json.dumps({**whole, **made.model_dump(mode="json")}, indent=2))
        return
    print(f"{described.target}/{chosen}: since {found.since:%Y-%m-%d %H:%M:%S} UTC")
    print("\n".join(plan_lines(made)))
    if not shown:
        print("  nobody has asked it since then; ask it with  gameday watch once")


def _shown(
    target: Target, environment: str, suite: str, since: datetime, state: Path
) -> Mapping[str, Shown]:
    """What the watch's ticks since then show, beside the recording; nothing where none was."""
    reference = References(state).last(target.target, environment, suite)
    watches = Watches(state)
    watch = Watch(target=target.target, environment=environment, target_file="")
    kept = next((one for one in watches.all() if one.name == watch.name), None)
    if reference is None or kept is None:
        return {}
    ticks = [tick for tick in watches.last_ticks(kept.name, LONGEST) if _tells(tick, since)]
    samples = chain.from_iterable(tick.samples() for tick in ticks)
    detect = kept.detect("changed")
    return shown_by_group(
        reference.before(),
        samples,
        margin=kept.margin,
        alpha=detect.alpha,
        tolerance=detect.tolerance,
    )


def _tells(tick: Tick, since: datetime) -> bool:
    return tick.compares and tick.at > since
