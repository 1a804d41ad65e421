"""How long runs are kept, and what single requests were like: as each run's target file says.

What is over is taken away only after a bundle without it is signed, so that a run can still be
proved. A run with an open finding keeps everything: somebody still has to look at it.
"""

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from gameday.domain.evidence import Evidence
from gameday.domain.record import RunRecord
from gameday.evidence.bundle import SINGLE_REQUESTS, make_bundle
from gameday.evidence.key import Keys
from gameday.store.atomic import write_whole
from gameday.store.findings import Findings
from gameday.store.history import History
from gameday.store.listing import runs_in
from gameday.store.run_folder import RunFolder


@dataclass(frozen=True)
class Over:
    """Something of a run whose time is over."""

    folder: RunFolder
    what: Literal["samples", "run"]
    age_days: int
    kept_days: int


def find_over(runs: Path, now: datetime) -> Iterator[Over]:
    """What is over of the closed runs here. Looks only."""
    held = {finding.run for finding in Findings(runs).all() if finding.closed_at is None}
    for stored in runs_in(runs):
        if stored.result is not None and stored.record is not None:
            folder = RunFolder(runs / stored.run_id)
            over = _over(folder, stored.record, now)
            if over is not None and stored.run_id not in held:
                yield over


def prune(over: Over, keys: Keys, history: History, now: datetime) -> None:
    """Take it away. Raises GamedayError, and takes nothing, where no bundle can be signed first.

    A run's figures stay in the history, for as long as its target file says.
    """
    folder = over.folder
    if over.what == "run":
        history.pruned(folder)
        shutil.rmtree(folder.path)
        return
    key = keys.of(folder.read_record().request)
    make_bundle(folder, folder.read_result(), key, without_samples=True)
    write_whole(folder.pruned_file, f"{now.isoformat()}\n".encode())
    _remove(folder, SINGLE_REQUESTS)


def _over(folder: RunFolder, record: RunRecord, now: datetime) -> Over | None:
    evidence: Evidence = record.request.target.evidence
    age_days = (now - (record.ended_at or record.started_at)).days
    if evidence.runs_kept_days is not None and age_days >= evidence.runs_kept_days:
        return Over(folder, "run", age_days, evidence.runs_kept_days)
    kept_days = evidence.samples_kept_days
    if kept_days is None or age_days < kept_days or folder.pruned_file.exists():
        return None
    return Over(folder, "samples", age_days, kept_days)


def _remove(folder: RunFolder, names: Collection[str]) -> None:
    for name in names:
        path = folder.path / name
        if name.endswith("/"):
            shutil.rmtree(path, ignore_errors=not path.exists())
        else:
            path.unlink(missing_ok=True)
