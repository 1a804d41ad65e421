"""`gameday drill-from`: a drill that rehearses what an incident was."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from gameday.catalog.files import drill_names, find_drill, load_drill, load_target
from gameday.catalog.suite_files import load_suite
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    DEFAULT_TARGET,
    EnvironmentName,
    RunsFolder,
    StateFolder,
    TargetFile,
)
from gameday.cli.planning import choose_environment, prepare
from gameday.domain.drill import Drill
from gameday.domain.errors import FileError
from gameday.domain.incident import Incident
from gameday.domain.ledger import what_changed
from gameday.domain.revert_plan import Changed
from gameday.domain.runbook_record import RunbookRecord
from gameday.domain.target import Target
from gameday.reporting.rehearsing import (
    Cause,
    Happened,
    causes_like,
    causes_of,
    draft,
    drill_name,
    told_by,
)
from gameday.reporting.reviewing import LOOK_BACK
from gameday.store.atomic import write_whole
from gameday.store.incidents import Incidents
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder

_SECONDS = (30, 45, 60, 90, 120, 180)  # of a window: the first with which every check can decide


@dataclass(frozen=True)
class _Place:
    """Where the drill is to be planned: a target file, and an environment of it."""

    file: Path
    target: Target
    environment: str


def drill_from(
    incident: Annotated[str, typer.Argument(help="An incident's id, or a run's.")],
    out: Annotated[
        Path | None, typer.Option(help="The file to write; drills/NAME.yaml unless said.")
    ] = None,
    like: Annotated[
        str, typer.Option(help="A drill whose faults to take, where no record tells the cause.")
    ] = "",
    target: TargetFile = DEFAULT_TARGET,
    environment: EnvironmentName = None,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Write a drill that rehearses an incident, or a run; only one that can be planned is written.

    Example:  gameday drill-from INC-12 --out drills/inc-12.yaml
    """
    described = load_target(target)
    place = _Place(target, described, choose_environment(described, environment, target))
    happened, again = _what_happened(incident, place, state, runs)
    causes = _causes(happened, again, like)
    text, seconds = _planned(happened, causes, place)
    file = out or Path("drills") / f"{drill_name(happened.name)}.yaml"
    if file.exists():
        raise FileError(f"{file} is there already", next_step="name another one with --out")
    write_whole(file, text.encode())
    print(f"written  {file}")
    for cause in causes:
        print(f"  {cause.fault['kind']} on {cause.fault['on']}   {cause.why}")
    print(f"  windows of {seconds} s, in which every check can decide")
    print(f"  next   gameday plan {file} --target {target}")


def _what_happened(
    name: str, place: _Place, state: Path, runs: Path
) -> tuple[Happened, Drill | None]:
    """What is known of it; and the drill itself, where it was one. Raises FileError."""
    incident = Incidents(state).find(name)
    folder = RunFolder(runs / (incident.run if incident and incident.run else name))
    happened = Happened(name=name, what=name, target=place.target)
    if incident is not None:
        happened = replace(happened, what=incident.what, changes=_in_ledger(incident, state))
    if folder.runbook_file.exists():
        return _answered(happened, folder.read_runbook()), _drill_of(folder)
    drill = _drill_of(folder)
    if drill is not None:
        return replace(happened, what=drill.title), drill
    if incident is None:
        raise FileError(
            f"there is no incident and no run {name} here",
            next_step="gameday incident list, gameday list runs",
        )
    return happened, None


def _answered(happened: Happened, record: RunbookRecord) -> Happened:
    """What the runbook's answers tell goes before what the ledger alone knows."""
    changes, down = told_by(record)
    request = record.request
    return replace(
        happened,
        what=request.runbook.title if happened.what == happened.name else happened.what,
        runbook=request.runbook.runbook,
        inputs=request.inputs,
        changes=changes or (() if down else happened.changes),
        down=down,
    )


def _drill_of(folder: RunFolder) -> Drill | None:
    return folder.read_record().request.drill if folder.record_file.exists() else None


def _in_ledger(incident: Incident, state: Path) -> tuple[Changed, ...]:
    """What nobody's drill changed, from a day before the incident until it was over."""
    lines = [
        entry
        for entry in Ledger(state).all(incident.target, incident.environment)
        if incident.closed_at is None or entry.at <= incident.closed_at
    ]
    found = what_changed(lines, incident.since - LOOK_BACK).changes if lines else ()
    changes: dict[str, Changed] = {}
    for change in found:
        if not change.drill and not change.component.startswith("inputs"):
            changed = Changed(
                component=change.component,
                before=change.before.label,
                now=change.now.label,
                at=change.at,
                until=change.until,
                by=change.by,
            )
            changes.setdefault(changed.component, changed)
    return tuple(changes.values())


def _causes(happened: Happened, again: Drill | None, like: str) -> list[Cause]:
    """Raises FileError where neither the records nor a drill tell what to break."""
    if like:
        return causes_like(load_drill(find_drill(like)))
    if again is not None:
        return causes_like(again)
    if found := causes_of(happened):
        return found
    if happened.runbook and (same := _rehearsing(happened.runbook)):
        return causes_like(same)
    raise FileError(
        f"no record of {happened.name} tells of a cause that a fault can stand for",
        next_step="name a drill whose faults to take, with --like; gameday list drills",
    )


def _rehearsing(runbook: str) -> Drill | None:
    """A drill whose response is that runbook; None where none is here."""
    for _, _, path in drill_names():
        try:
            drill = load_drill(path)
        except FileError:  # one that cannot be run lends nothing
            continue
        if drill.respond_with is not None and drill.respond_with.runbook == runbook:
            return drill
    return None


def _planned(happened: Happened, causes: list[Cause], place: _Place) -> tuple[str, int]:
    """The file's text with the shortest windows that can be planned. Raises FileError."""
    suite = load_suite((place.file.parent / place.target.suite).resolve()).suite
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{drill_name(happened.name)}.yaml"
        for seconds in _SECONDS:
            text = draft(happened, causes, suite, seconds)
            file.write_text(text)
            try:
                prepare(str(file), [], place.file, place.environment)
            except FileError as error:
                refused = error
            else:
                return text, seconds
    raise FileError(
        f"a drill from {happened.name} cannot be planned: {refused.sentence}",
        next_step=refused.next_step,
    )
