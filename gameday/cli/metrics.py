"""`gameday metrics`: figures of the last runs and of watches, for Prometheus."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, RunsFolder, StateFolder
from gameday.domain.standing import Standing
from gameday.domain.watch import Watch
from gameday.reporting.metrics import render_metrics
from gameday.store.atomic import write_whole
from gameday.store.findings import Findings
from gameday.store.listing import runs_in
from gameday.store.watches import Watches


def metrics(
    out: Annotated[
        Path | None, typer.Option(help="Where; written whole or not at all. Else stdout.")
    ] = None,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Write the figures of the last runs, of findings and of watches for Prometheus.

    Example:  gameday metrics --out /var/lib/node_exporter/textfile/gameday.prom
    """
    results = [stored.result for stored in runs_in(runs) if stored.result is not None]
    now = datetime.now(UTC)
    text = render_metrics(results, Findings(runs).all(), _watches(state), now)
    if out is None:
        sys.stdout.write(text)
    else:
        write_whole(out, text.encode())


def _watches(state: Path) -> list[tuple[Watch, Standing]]:
    """None where nothing is watched; to look must not make a ledger."""
    watches = Watches(state)
    if not watches.ledger.file.exists():
        return []
    return [(one, watches.standing(one.name)) for one in watches.all()]
