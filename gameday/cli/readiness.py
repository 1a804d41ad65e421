"""`gameday readiness`: what was rehearsed, how long ago, and what never was."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from gameday.catalog.files import load_target
from gameday.catalog.kinds import faults
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
from gameday.cli.screen import table
from gameday.cli.session import target_file
from gameday.domain.readiness import Coverage, find_coverage
from gameday.store.history import History


def readiness(
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show how ready a system is for each failure, by what was rehearsed; and what never was.

    Example:  gameday readiness
    """
    with target_file(target, state, runs, lab=False) as file:
        described = load_target(file)
        chosen = choose_environment(described, environment, file)
    history = History(state)
    history.catch_up(runs)
    rows = history.rows(target=described.target, environment=chosen)
    found = find_coverage(described, chosen, dict(faults.kinds()), rows, datetime.now(UTC))
    if as_json:
        scenarios = [
            {**one.model_dump(mode="json"), "sentence": one.sentence} for one in found.scenarios
        ]
        whole = {**found.model_dump(mode="json"), "scenarios": scenarios}
        print(json.dumps({**whole, "sentence": found.sentence}, indent=2))
        return
    print("\n".join(_lines(found)))


def _lines(found: Coverage) -> Iterator[str]:
    yield f"{found.target}/{found.environment}   {found.sentence}"
    rows = [
        (one.state, f"{one.score:.2f}", one.scenario.words, one.sentence) for one in found.rehearsed
    ]
    yield from (f"  {line}" for line in table(rows))
    if found.never_places:
        yield f"  never  nothing was ever rehearsed on {', '.join(found.never_places)}"
    if found.never_kinds:
        yield f"  never  of what could be, on none of them: {', '.join(found.never_kinds)}"
    yield "  next   gameday list drills"
