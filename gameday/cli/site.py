"""`gameday site`: the history of all runs here as a static site."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gameday.cli.history import pasts_of
from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunsFolder, StateFolder
from gameday.reporting.coverage import find_coverages
from gameday.reporting.game_day_page import page_of_day
from gameday.reporting.site import INDEX, Site, write_site
from gameday.store.findings import Findings
from gameday.store.game_days import game_days_in
from gameday.store.history import History


def site(
    folder: Annotated[Path, typer.Argument(help="Where; new, empty, or a site made before.")],
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Write the history of all runs as pages that need no server and no script.

    Example:  gameday site public
    """
    history = History(state)
    history.catch_up(runs)
    now = datetime.now(UTC)
    rows = history.rows()
    pasts, coverages = pasts_of(rows), find_coverages(rows, now)
    days = [page_of_day(day, runs, now, coverages) for day in game_days_in(runs)]
    pages = write_site(Site(pasts, Findings(runs).all(), now, days, coverages), folder)
    index = folder / INDEX
    if as_json:
        print(json.dumps({"index": str(index), "pages": pages, "drills": len(pasts)}))
        return
    print(f"  site     {index}, {pages} pages, {len(pasts)} drills")
