"""`gameday prune`: takes away what is kept no longer, as each run's target file says."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunsFolder, StateFolder
from gameday.evidence.key import Keys
from gameday.evidence.retention import Over, find_over
from gameday.evidence.retention import prune as take_away


def prune(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, it is only shown.")] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Take away samples and runs that are kept no longer; a signed bundle without them stays.

    Example:  gameday prune --yes
    """
    now = datetime.now(UTC)
    over = list(find_over(runs, now))
    for one in over:
        if yes:
            take_away(one, Keys(state), now)
        if not as_json:
            print(_line(one, done=yes))
    if as_json:
        rows = [
            {"run": one.folder.run_id, "what": one.what, "age_days": one.age_days} for one in over
        ]
        print(json.dumps({"pruned": yes, "over": rows}))
    elif not over:
        print("nothing is over")
    elif not yes:
        print("  next  gameday prune --yes")


def _line(one: Over, *, done: bool) -> str:
    what = "the whole run" if one.what == "run" else "what single requests were like"
    verb = "taken away" if done else "would be taken away"
    return (
        f"{one.folder.run_id}  {what}, {one.age_days} days old and kept for {one.kept_days}: {verb}"
    )
