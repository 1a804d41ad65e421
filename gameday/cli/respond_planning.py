"""From a runbook's name to a request that a workflow can run: files read, every item tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gameday.catalog.files import load_target
from gameday.catalog.runbook_files import find_runbook, load_runbook
from gameday.catalog.suite_files import load_suite
from gameday.cli.planning import Prepared, choose_environment, new_run_id, prepare, request_for
from gameday.cli.runbook_fitness import require_fitting, what_items_are
from gameday.domain.runbook import Runbook
from gameday.domain.runbook_record import RunbookStart
from gameday.domain.runbook_request import Mode, RunbookRequest
from gameday.domain.target import Target


@dataclass(frozen=True)
class PreparedRespond:
    """A runbook that can be started. drills: what its errands start, by item."""

    runbook: Runbook
    inputs: dict[str, str]
    target: Target
    environment: str
    target_file: Path
    suite_file: Path
    drills: dict[str, Prepared]


def prepare_respond(
    name: str, inputs: Mapping[str, str], target_file: Path, environment: str | None
) -> PreparedRespond:
    """Read and try everything that it needs. Raises FileError before anything is touched."""
    runbook_file = find_runbook(name)
    runbook, target = load_runbook(runbook_file, inputs), load_target(target_file)
    chosen = choose_environment(target, environment, target_file)
    suite_file = (target_file.parent / target.suite).resolve()
    load_suite(suite_file)
    require_fitting(runbook, target, runbook_file, target_file)
    drills = {
        item.name: prepare(str(item.settings["drill"]), (), target_file, chosen)
        for item in runbook.play
        if item.kind == "start_drill"
    }
    return PreparedRespond(
        runbook, dict(inputs), target, chosen, target_file.resolve(), suite_file, drills
    )


def respond_start(
    prepared: PreparedRespond,
    runs: Path,
    requested_by: str,
    *,
    mode: Mode = Mode.LIVE,
    incident: str = "",
    run_id: str = "",
) -> RunbookStart:
    """A new run of its own; without an id, under one that no run here has."""
    run_id = run_id or new_run_id(runs)
    drills = {
        item: request_for(drill, runs, requested_by, f"{run_id}-{item}")
        for item, drill in prepared.drills.items()
    }
    request = RunbookRequest(
        run_id=run_id,
        inputs=prepared.inputs,
        mode=mode,
        target=prepared.target,
        environment=prepared.environment,
        target_file=str(prepared.target_file),
        suite_file=str(prepared.suite_file),
        folder=str((runs / run_id).resolve()),
        requested_by=requested_by,
        incident=incident,
        **what_items_are(prepared.runbook),
    )
    return RunbookStart(request=request, drills=drills)
