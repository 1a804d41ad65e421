"""The inbox: every alert that was confirmed, on disk before it was, and what became of it.

One SQLite file. What is written is on disk when the call returns: whoever kills the process, or
pulls the plug, finds it again. An alert is kept once for its beginning and once for its end,
however often and in which order they are told.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from gameday.domain.errors import FileError, StartError
from gameday.domain.sender import Occurrence

_VERSION = 1
_KEPT = timedelta(days=90)  # after it is dealt with
_SCHEMA = """
CREATE TABLE alerts (
  number INTEGER PRIMARY KEY AUTOINCREMENT, sender TEXT NOT NULL, key TEXT NOT NULL,
  firing INTEGER NOT NULL, received_at TEXT NOT NULL, body TEXT NOT NULL,
  run_id TEXT NOT NULL DEFAULT '', entry TEXT NOT NULL DEFAULT '', started_at TEXT,
  done_at TEXT, outcome TEXT NOT NULL DEFAULT '', UNIQUE (sender, key, firing));
CREATE INDEX alerts_waiting ON alerts (number) WHERE done_at IS NULL;
CREATE INDEX alerts_started ON alerts (entry, started_at);
"""
_COLUMNS = "number, sender, body, received_at, run_id, started_at, done_at, outcome"


class Arrival(NamedTuple):
    """One alert of one delivery."""

    sender: str
    occurrence: Occurrence
    received_at: datetime


class Kept(NamedTuple):
    """One line of the inbox. outcome: what became of it; '' while it waits."""

    number: int
    sender: str
    occurrence: Occurrence
    received_at: datetime
    run_id: str  # of the run that it starts, from before it is started
    started_at: datetime | None
    done_at: datetime | None
    outcome: str


class Inbox:
    """The inbox in one file; made when it is not there."""

    def __init__(self, file: Path) -> None:
        """Raises StartError and FileError where it cannot be used."""
        self.file = file
        self._one_at_a_time = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                file, timeout=60, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")  # each commit waits for the disk
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        with self._opened() as opened:
            self._set_up(opened)

    def close(self) -> None:
        self._connection.close()

    def keep(self, arrivals: Sequence[Arrival]) -> int:
        """Put them on disk, all or none; how many had not been told of before.

        Raises StartError when the disk says no: then nothing may be confirmed.
        """
        with self._opened() as opened:
            before = opened.total_changes
            opened.executemany(
                "INSERT OR IGNORE INTO alerts (sender, key, firing, received_at, body) "
                "VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        one.sender, one.occurrence.key, one.occurrence.firing,
                        _text(one.received_at), one.occurrence.model_dump_json(),
                    )
                    for one in arrivals
                ],
            )  # fmt: skip
            return opened.total_changes - before

    def waiting(self) -> list[Kept]:
        """What is not dealt with, the first that came first; at most a hundred."""
        return self._select("done_at IS NULL ORDER BY number LIMIT 100")

    def count_waiting(self) -> int:
        with self._opened() as opened:
            (count,) = opened.execute(
                "SELECT count(*) FROM alerts WHERE done_at IS NULL"
            ).fetchone()
        return int(count)

    def last(self, count: int) -> list[Kept]:
        """The last lines, the oldest of them first."""
        return self._select("1 ORDER BY number DESC LIMIT ?", count)[::-1]

    def find(self, sender: str, key: str, *, firing: bool) -> Kept | None:
        """What was told of the beginning of an alert, or of its end."""
        found = self._select("sender = ? AND key = ? AND firing = ?", sender, key, firing)
        return found[0] if found else None

    def last_start(self, entry: str) -> datetime | None:
        """When an entry's drill was last started."""
        with self._opened() as opened:
            (at,) = opened.execute(
                "SELECT max(started_at) FROM alerts WHERE entry = ?", (entry,)
            ).fetchone()
        return datetime.fromisoformat(at) if at else None

    def intend(self, number: int, run_id: str) -> None:
        """Note which run is about to be started, so that a crash leaves its name."""
        with self._opened() as opened:
            opened.execute("UPDATE alerts SET run_id = ? WHERE number = ?", (run_id, number))

    def started(self, number: int, entry: str, outcome: str, at: datetime) -> None:
        """Its run has been started, and it is dealt with."""
        with self._opened() as opened:
            opened.execute(
                "UPDATE alerts SET entry = ?, started_at = ?, done_at = ?, outcome = ? "
                "WHERE number = ?",
                (entry, _text(at), _text(at), outcome, number),
            )

    def done(self, outcomes: Sequence[tuple[int, str]], at: datetime) -> None:
        """They are dealt with, and nothing was started. What is long over is forgotten."""
        with self._opened() as opened:
            opened.executemany(
                "UPDATE alerts SET done_at = ?, outcome = ? WHERE number = ?",
                [(_text(at), outcome, number) for number, outcome in outcomes],
            )
            opened.execute("DELETE FROM alerts WHERE done_at < ?", (_text(at - _KEPT),))

    def _select(self, where: str, *values: object) -> list[Kept]:
        with self._opened() as opened:
            rows = opened.execute(
                f"SELECT {_COLUMNS} FROM alerts WHERE {where}",  # noqa: S608 - our own text
                values,
            ).fetchall()
        return [_kept(row) for row in rows]

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction; on disk when the block has ended. Raises StartError."""
        with self._one_at_a_time:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._unusable(error) from error
            finally:
                with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                    self._connection.rollback()  # does nothing after a commit

    def _set_up(self, opened: sqlite3.Connection) -> None:
        (version,) = opened.execute("PRAGMA user_version").fetchone()
        if version == _VERSION:
            return
        if version:
            raise FileError(
                f"{self.file}  is of version {version}; this program knows version {_VERSION}",
                next_step="use the program that wrote it, or move the file away",
            )
        for statement in _SCHEMA.split(";")[:-1]:
            opened.execute(statement)
        opened.execute(f"PRAGMA user_version = {_VERSION}")

    def _unusable(self, error: Exception) -> StartError:
        return StartError(
            f"{self.file} cannot be used: {error}",
            next_step=f"free some space or fix the permissions of {self.file.parent}",
        )


def _text(at: datetime) -> str:
    """Sorts as the moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _kept(row: tuple[Any, ...]) -> Kept:
    number, sender, body, received_at, run_id, started_at, done_at, outcome = row
    return Kept(
        number,
        sender,
        Occurrence.model_validate_json(body),
        datetime.fromisoformat(received_at),
        run_id,
        _moment(started_at),
        _moment(done_at),
        outcome,
    )
