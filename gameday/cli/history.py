"""`gameday history`: the last runs of each drill, where their figures go, and what got worse."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

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
from gameday.domain.creep import Creep
from gameday.domain.history import HistoryRow
from gameday.reporting.inert import inert_line
from gameday.reporting.past import (
    RUN_HEADS,
    Past,
    run_rows,
    trend_rows,
    trends_sentence,
)
from gameday.store.history import History

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

    Example:  gameday history provider-outage
    """
    kept = History(state)
    _ = kept.rebuild(runs) if rebuild else kept.catch_up(runs)
    name = load_target(target).target if target else ""
    rows = kept.rows(target=name, environment=environment or "", drill=drill)
    pasts = pasts_of(rows)
    if as_json:
        print(json.dumps({"drills": [past_document(past) for past in pasts]}, indent=2))
        return
    for past in pasts:
        print("\n".join(past_lines(past)), end="\n\n")
    if not pasts:
        print("the history knows no such run; `gameday run` writes it, `--rebuild` reads it anew")


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
