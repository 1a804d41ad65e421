"""`gameday prune`: takes away what is kept no longer, as each run's target file says."""

import json
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import typer

from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunsFolder, StateFolder
from gameday.evidence.key import Keys
from gameday.evidence.retention import find_over
from gameday.evidence.retention import prune as take_away
from gameday.store.history import History

_WHAT = {
    "run": "the whole run",
    "samples": "what single requests were like",
    "row": "its figures in the history",
}


def prune(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, it is only shown.")] = False,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Take away samples and runs that are kept no longer; a signed bundle without them stays.

    Example:  gameday prune --yes
    """
    now, history = datetime.now(UTC), History(state)
    rows = history.over(now)  # before runs are taken away, whose rows are over another time
    over = list(find_over(runs, now))
    told = [_Told(one.folder.run_id, one.what, one.age_days, one.kept_days) for one in over]
    told += [_Told(row.run_id, "row", (now - row.ended_at).days, row.kept_days) for row in rows]
    if yes:
        for one in over:
            take_away(one, Keys(state), history, now)
        for row in rows:
            history.forget(row)
    if as_json:
        lines = [{"run": one.run, "what": one.what, "age_days": one.age_days} for one in told]
        print(json.dumps({"pruned": yes, "over": lines}))
        return
    for line in [one.line(done=yes) for one in told] or ["nothing is over"]:
        print(line)
    if told and not yes:
        print("  next  gameday prune --yes")


class _Told(NamedTuple):
    """Something that is over, as it is told."""

    run: str
    what: str
    age_days: int
    kept_days: int | None

    def line(self, *, done: bool) -> str:
        verb = "taken away" if done else "would be taken away"
        age = f"{self.age_days} days old and kept for {self.kept_days}"
        return f"{self.run}  {_WHAT[self.what]}, {age}: {verb}"
