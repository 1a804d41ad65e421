"""The runs in a folder, for `gameday list`."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from gameday.domain.errors import FileError
from gameday.domain.record import RunRecord
from gameday.domain.result import Result
from gameday.store.game_days import is_game_day
from gameday.store.run_folder import RunFolder

_log = logging.getLogger(__name__)


class StoredRun(NamedTuple):
    """One run as far as it got; a file that is missing or cannot be read is None."""

    run_id: str
    result: Result | None
    record: RunRecord | None


def runs_in(folder: Path) -> list[StoredRun]:
    """Every run below `folder`, newest first. One broken file does not hide the other runs.

    Not the game days, whose folders lie beside those of their runs.
    """
    if not folder.is_dir():
        return []
    paths = (path for path in folder.iterdir() if path.is_dir() and not is_game_day(path))
    runs = [(_stored(path), path) for path in paths]
    runs.sort(key=lambda run: (_started_at(*run), run[0].run_id), reverse=True)
    return [run for run, _ in runs]


def _stored(path: Path) -> StoredRun:
    folder = RunFolder(path)
    result: Result | None = None
    record: RunRecord | None = None
    try:
        result = folder.read_result() if folder.result_file.exists() else None
        record = folder.read_record() if folder.record_file.exists() else None
    except FileError as error:
        _log.warning("%s", error.sentence)
    return StoredRun(folder.run_id, result, record)


def _started_at(run: StoredRun, path: Path) -> datetime:
    known = run.result or run.record
    return known.started_at if known else datetime.fromtimestamp(path.stat().st_mtime, UTC)
