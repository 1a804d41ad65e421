"""`gameday history`: the last runs of each drill, where their figures go, and what got worse."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from activities.connections import resolve_secret
from gameday.catalog.files import load_target
from gameday.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_STATE,
    AsJson,
    EnvironmentName,
    RunsFolder,
    StateFolder,
)
from gameday.cli.screen import table
from gameday.domain.creep import Creep, Series, find_all
from gameday.domain.history import HistoryRow
from gameday.domain.target import Target
from gameday.reporting.inert import inert_line
from gameday.reporting.past import (
    RUN_HEADS,
    Past,
    run_rows,
    trend_rows,
    trends_sentence,
)
from gameday.sources.weekly import read_weeks
from gameday.store.history import History
from gameday.store.watches import Watches

Drill = Annotated[str, typer.Argument(help="A drill's name; all drills unless given.")]
OfTarget = Annotated[
    Path | None, typer.Option("--target", help="A target file: only the runs on this target.")
]


def history(
    drill: Drill = "",
    target: OfTarget = None,
    environment: EnvironmentName = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First read every stored run anew.")
    ] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Show the last runs of each drill, where their figures go, and what got worse.

    Without a drill also what watches saw week by week, and with --target what its Prometheus has.

    Example:  gameday history provider-outage
    """
    kept = History(state)
    _ = kept.rebuild(runs) if rebuild else kept.catch_up(runs)
    described = load_target(target) if target else None
    name = described.target if described else ""
    pasts = pasts_of(kept.rows(target=name, environment=environment or "", drill=drill))
    weekly = [] if drill else weekly_courses(state, name, environment or "", described)
    if as_json:
        drills = [past_document(past) for past in pasts]
        print(json.dumps({"drills": drills, "weekly": [one.document for one in weekly]}, indent=2))
        return
    for lines in (*map(past_lines, pasts), *(one.lines for one in weekly)):
        print("\n".join(lines), end="\n\n")
    if not pasts:
        print("the history knows no such run; `gameday run` writes it, `--rebuild` reads it anew")


@dataclass(frozen=True)
class Course:
    """Figures of week after week that no drill has made: of a watch, or of a Prometheus."""

    name: str
    trends: list[Creep]
    untold: tuple[str, ...] = ()  # what cannot be had, and why

    @property
    def document(self) -> dict[str, Any]:
        trends = [creep_document(one) for one in self.trends]
        return {"name": self.name, "trends": trends, "untold": list(self.untold)}

    @property
    def lines(self) -> list[str]:
        told = [f"  {one.state:<8}  {one.figure.key}: {one.sentence}" for one in self.trends]
        return [f"{self.name}, week by week", *told, *(f"  untold    {why}" for why in self.untold)]


def weekly_courses(
    state: Path, target: str, environment: str, described: Target | None
) -> list[Course]:
    """Those of the watches here, of this target and environment where they are named."""
    now, watches = datetime.now(UTC), Watches(state)
    courses = [
        Course(f"watch {one.name}", find_all(Series.gather(watches.gauges(one.name)), now))
        for one in watches.all()
        if target in ("", one.target) and environment in ("", one.environment)
    ]
    if described is not None and (weeks := asyncio.run(read_weeks(described, resolve_secret, now))):
        series = [one.series for one in weeks if one.series is not None]
        untold = tuple(f"{one.slo}: {one.why}" for one in weeks if one.why)
        courses.append(Course(f"Prometheus of {target}", find_all(series, now), untold))
    return courses


def pasts_of(rows: Iterable[HistoryRow]) -> list[Past]:
    """The runs of each drill on each target, the drill that ran last first."""
    found: dict[tuple[str, str, str], list[HistoryRow]] = {}
    for row in rows:
        found.setdefault((row.target, row.environment, row.drill), []).append(row)
    pasts = [Past(tuple(group)) for group in found.values()]
    return sorted(pasts, key=lambda past: past.last.started_at, reverse=True)


def past_lines(past: Past) -> list[str]:
    """What a person reads of one drill's runs."""
    last, runs = past.last, len(past.rows)
    left_out = runs - len(past.compared)
    lines = [f"{last.drill} on {last.place}   {runs} run{'' if runs == 1 else 's'}"]
    lines += [f"  {line}" for line in table([RUN_HEADS, *run_rows(past)])]
    if left_out:
        lines.append(f"  left out  {left_out} were another form of it, or came to no end")
    lines += [f"  worse     {inert_line(one)}" for one in past.worse]
    lines += [f"  {state:<8}  {key}: {said}" for key, _, state, said in trend_rows(past)]
    return [*lines, f"  trends    {trends_sentence(past.trends)}"]


def past_document(past: Past) -> dict[str, Any]:
    """The same for machines: the runs oldest first, and every figure's trend."""
    last = past.last
    return {
        "drill": last.drill,
        "target": last.target,
        "environment": last.environment,
        "runs": [row.model_dump(mode="json") for row in past.rows],
        "compared": [row.run_id for row in past.compared],
        "worse": past.worse,
        "trends": [creep_document(one) for one in past.trends],
    }


def creep_document(creep: Creep) -> dict[str, Any]:
    return {**creep.model_dump(mode="json"), "creeps": creep.creeps, "sentence": creep.sentence}
