"""From a game-day file to a request that a workflow can run: every drill read, checked, planned."""

from collections.abc import Sequence
from pathlib import Path

from gameday.catalog.files import find_drill, find_game_day, load_drill, load_game_day
from gameday.cli.planning import prepare
from gameday.domain.errors import FileError
from gameday.domain.game_day import Entry, GameDayRequest, PreparedDrill


def prepare_day(
    name: str, target_file: Path, environment: str | None, runs: Path, who: str
) -> GameDayRequest:
    """The game day as it is on disk now. Raises FileError before anything is touched."""
    file = find_game_day(name)
    day = load_game_day(file)
    prepared = [
        prepare(drill_of(entry, file), entry.overrides, target_file, environment or day.environment)
        for entry in day.drills
    ]
    first = prepared[0]
    if day.target != first.target.target:
        raise FileError(
            f"{file} is for the target {day.target!r}; {target_file} describes "
            f"{first.target.target!r}",
            next_step="name the right target file with --target",
        )
    return GameDayRequest(
        game_day=day,
        drills=tuple(PreparedDrill(drill=one.drill, plan=one.plan) for one in prepared),
        target=first.target,
        environment=first.environment,
        suite_file=str(first.suite_file),
        target_file=str(first.target_file),
        runs=str(runs.resolve()),
        requested_by=who,
    )


def drill_of(entry: Entry, file: Path) -> str:
    """A name as it is; a path from the folder of the game-day file."""
    is_path = entry.drill.endswith((".yaml", ".yml"))
    return str(file.parent / entry.drill) if is_path else entry.drill


def looks_elsewhere(name: str) -> bool:
    """Whether the lab must bring what watches it, for any of the day's drills."""
    file = find_game_day(name)
    drills = (find_drill(drill_of(entry, file)) for entry in load_game_day(file).drills)
    return any(load_drill(drill).looks_elsewhere for drill in drills)


def plan_lines(request: GameDayRequest) -> Sequence[str]:
    """What the day would do at the worst, a line for each drill and one for all."""
    day, plans = request.game_day, [one.plan for one in request.drills]
    lines = [f"{day.game_day}   {day.title}"]
    lines += [f"  holds       {one}" for one in day.preconditions]
    for number, (entry, one) in enumerate(zip(day.drills, request.drills, strict=True), start=1):
        waits = f"; waits for {' or '.join(day.people.approves)}" if entry.approval else ""
        pages = f"; pages {', '.join(day.people.paged)}" if entry.pages else ""
        broken = "; ".join((*one.plan.faults, *one.plan.response)) or "nothing is broken"
        lines.append(f"  {number:<2}          {one.drill.drill}   {broken}{waits}{pages}")
    minutes = sum(plan.seconds_max for plan in plans) / 60
    cost = sum(plan.cost_usd_max for plan in plans)
    requests = sum(plan.requests_max for plan in plans)
    stops = ", ".join(dict.fromkeys((*day.stop_on, "aborted", "dirty")))
    return (
        *lines,
        f"  at most     {requests:,} requests, ${cost:.2f}, {minutes:.0f} minutes beside the waits",
        f"  stops on    {stops}",
        f"  people      {day.people.leads} leads; on {request.target.target}/{request.environment}",
        f"  digest      {request.digest}",
    )
