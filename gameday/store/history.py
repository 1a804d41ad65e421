"""The history of runs: `history.db` in the state folder, a row for each run with its figures.

It is an index, and the runs' own folders are the truth: what is missing in it is caught up with
whenever it is asked, and all of it can be made anew. Only rows of runs that were pruned since are
nowhere else, and stay. The view `figures` has one line for each figure, for SQL.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from gameday.domain.errors import FileError, StartError
from gameday.domain.history import HistoryRow
from gameday.store.run_folder import RunFolder

_log = logging.getLogger(__name__)
_VERSION = 1
# `judged`: when its result was written, so that one that was judged anew is read anew.
_MADE = """
CREATE TABLE runs (
  folder TEXT PRIMARY KEY, run TEXT NOT NULL, target TEXT NOT NULL, environment TEXT NOT NULL,
  drill TEXT NOT NULL, verdict TEXT NOT NULL, started_at TEXT NOT NULL, judged INTEGER NOT NULL,
  pruned INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX runs_by_time ON runs (target, drill, started_at);
CREATE VIEW figures AS SELECT run, target, environment, drill, verdict, started_at,
  json_extract(value, '$.of') AS of_what, json_extract(value, '$.name') AS name,
  json_extract(value, '$.value') AS value, json_extract(value, '$.objective') AS objective,
  json_extract(value, '$.unit') AS unit
  FROM runs, json_each(runs.body, '$.figures');
"""


class History:
    """The history in one state folder."""

    def __init__(self, state: Path) -> None:
        self.file = state / "history.db"

    def put(self, folder: RunFolder) -> HistoryRow:
        """Keep the row of a run that was judged; in place of the one that it had. Repeatable.

        Raises FileError where its files cannot be read, StartError where the disk says no.
        """
        row, judged = _row_of(folder)
        with self._opened() as kept:
            _insert(kept, row, judged)
        return row

    def rows(self, *, target: str = "", environment: str = "", drill: str = "") -> list[HistoryRow]:
        """Those of one target, one environment, one drill, or of all; the oldest first."""
        with self._opened() as kept:
            found = kept.execute(
                "SELECT body, pruned FROM runs WHERE ? IN ('', target) AND ? IN ('', environment) "
                "AND ? IN ('', drill) ORDER BY started_at, run",
                (target, environment, drill),
            ).fetchall()
        return [_read(body, pruned=bool(pruned)) for body, pruned in found]

    def catch_up(self, runs: Path) -> int:
        """Read the runs below `runs` that are not here as they are there; how many they were."""
        with self._opened() as kept:
            known = dict(kept.execute("SELECT folder, judged FROM runs").fetchall())
        missing = [one for one in _judged_in(runs) if known.get(_place(one)) != _judged_at(one)]
        return sum(self._try(folder) for folder in missing)

    def rebuild(self, runs: Path) -> int:
        """Read every run below `runs` anew, and forget those that are gone, except pruned ones."""
        with self._opened() as kept:
            kept.execute(
                "DELETE FROM runs WHERE NOT pruned AND substr(folder, 1, ?) = ?",
                (len(f"{runs.resolve()}/"), f"{runs.resolve()}/"),
            )
        return self.catch_up(runs)

    def pruned(self, folder: RunFolder) -> None:
        """The run's folder is about to go away; its row stays, and says so.

        A row that it has not got yet is made first: later nobody could.
        """
        if folder.result_file.exists():
            self.put(folder)
        with self._opened() as kept:
            kept.execute("UPDATE runs SET pruned = 1 WHERE folder = ?", (_place(folder),))

    def over(self, now: datetime) -> list[HistoryRow]:
        """The rows that are kept no longer. Looks only."""
        return [row for row in self.rows() if row.is_over(now)]

    def forget(self, row: HistoryRow) -> None:
        with self._opened() as kept:
            kept.execute("DELETE FROM runs WHERE folder = ?", (row.folder,))

    def _try(self, folder: RunFolder) -> bool:
        """One run that cannot be read does not hide the others."""
        try:
            self.put(folder)
        except FileError as error:
            _log.warning("not in the history: %s", error.sentence)
            return False
        return True

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """All that happens in the block happens, or none of it."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=60, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            self._set_up(connection)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        finally:
            connection.close()  # which rolls back what was not committed

    def _set_up(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == _VERSION:
            return
        if version > _VERSION:
            raise FileError(
                f"{self.file}  is of version {version}; this program knows version {_VERSION}",
                next_step="use the program that wrote it, or move the file away and say  "
                "gameday history --rebuild",
            )
        for statement in _MADE.split(";")[:-1]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _unusable(self, error: Exception) -> StartError:
        return StartError(
            f"{self.file} cannot be used: {error}",
            next_step="free some space or fix its permissions; a damaged one is moved away and "
            "made anew by  gameday history --rebuild",
        )


def _row_of(folder: RunFolder) -> tuple[HistoryRow, int]:
    # The time first: a result that is written meanwhile is then read once more.
    judged = _judged_at(folder)
    row = HistoryRow.of(folder.read_result(), folder.read_record(), _place(folder))
    return row, judged


def _insert(kept: sqlite3.Connection, row: HistoryRow, judged: int) -> None:
    kept.execute(
        "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
        (
            row.folder,
            row.run_id,
            row.target,
            row.environment,
            row.drill,
            row.verdict,
            row.started_at.isoformat(),
            judged,
            row.model_dump_json(),
        ),
    )


def _read(body: str, *, pruned: bool) -> HistoryRow:
    return HistoryRow.model_validate_json(body).model_copy(update={"pruned": pruned})


def _judged_in(runs: Path) -> Iterator[RunFolder]:
    for file in sorted(runs.glob("*/result.json")):
        yield RunFolder(file.parent)


def _judged_at(folder: RunFolder) -> int:
    try:
        return folder.result_file.stat().st_mtime_ns
    except OSError:
        return 0  # there is none, as `read_result` will say


def _place(folder: RunFolder) -> str:
    return str(folder.path.resolve())
