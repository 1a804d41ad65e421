"""Keeps what a system stood at, and the watches that look at it, in one SQLite file.

`ledger.db` in the state folder. What one tick of a watch leaves (its answers without text, what
follows from them, what somebody is to be told, the ledger's line) is written in one transaction, so
that a crash leaves all of it or nothing, and a tick that is tried again is not counted again.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gameday.domain.errors import FileError, StartError
from gameday.domain.inputs import Mix
from gameday.domain.ledger import Entry

_VERSION = 3
# From the version before to each one. Entries hold JSON, whose new fields have defaults.
_STEPS = {
    1: """
CREATE TABLE place (id TEXT NOT NULL);
CREATE TABLE entries (
  target TEXT NOT NULL, environment TEXT NOT NULL, at TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL);
CREATE INDEX entries_by_time ON entries (target, environment, at);
CREATE TABLE watches (name TEXT PRIMARY KEY, body TEXT NOT NULL, standing TEXT NOT NULL);
CREATE TABLE ticks (
  number INTEGER PRIMARY KEY AUTOINCREMENT, watch TEXT NOT NULL, tick TEXT NOT NULL,
  reference TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (watch, tick));
CREATE TABLE notices (
  number INTEGER PRIMARY KEY AUTOINCREMENT, watch TEXT NOT NULL, notice TEXT NOT NULL,
  body TEXT NOT NULL, told_at TEXT, failure TEXT NOT NULL DEFAULT '', UNIQUE (watch, notice));
""",
    2: """
ALTER TABLE entries ADD COLUMN run TEXT NOT NULL DEFAULT '';
ALTER TABLE entries ADD COLUMN moment TEXT NOT NULL DEFAULT '';
""",
    3: """
CREATE TABLE gauges (
  watch TEXT NOT NULL, tick TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (watch, tick));
""",
}


class Ledger:
    """The ledger in one state folder."""

    def __init__(self, state: Path) -> None:
        self.file = state / "ledger.db"

    @property
    def place(self) -> str:
        """What this state folder is called, so that work goes to those that have it at hand."""
        with self.transaction() as found:
            (place,) = found.execute("SELECT id FROM place").fetchone()
        return str(place)

    def last(self, target: str, environment: str, before: datetime) -> Entry | None:
        """The last line from before that moment; None where there is none.

        None of what a drill itself had changed: that is no state to compare with.
        """
        with self.transaction() as found:
            row = found.execute(
                "SELECT body FROM entries WHERE target = ? AND environment = ? AND at < ? "
                "AND moment != 'changed' ORDER BY at DESC LIMIT 1",
                (target, environment, before.astimezone(UTC).isoformat()),
            ).fetchone()
        return Entry.model_validate_json(row[0]) if row else None

    def all(self, target: str, environment: str) -> list[Entry]:
        """Every line, the oldest first."""
        with self.transaction() as found:
            rows = found.execute(
                "SELECT body FROM entries WHERE target = ? AND environment = ? ORDER BY at",
                (target, environment),
            ).fetchall()
        return [Entry.model_validate_json(row[0]) for row in rows]

    def began(self, run: str) -> datetime | None:
        """When a drill's run wrote its first line; None where it wrote none."""
        with self.transaction() as found:
            (at,) = found.execute("SELECT min(at) FROM entries WHERE run = ?", (run,)).fetchone()
        return datetime.fromisoformat(at) if at else None

    def add(self, entry: Entry, key: str) -> Entry:
        """Write one line, and give it back. key: of what it came from, so that it is written once.

        A mix of inputs that is surely no other than the last one's stays that one's.
        """
        with self.transaction() as kept:
            inputs = {asker: _settled(kept, entry, asker) for asker in entry.inputs}
            entry = entry.model_copy(update={"inputs": inputs})
            add_entry(kept, entry, key)
        return entry

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that happens in the block happens, or none of it; nobody else writes meanwhile.

        Raises StartError when the disk says no, and FileError for a file of another version.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=60, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
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
                next_step="use the program that wrote it, or move the file away",
            )
        for step in range(version + 1, _VERSION + 1):
            for statement in _STEPS[step].split(";")[:-1]:
                connection.execute(statement)
        if not version:
            connection.execute("INSERT INTO place VALUES (?)", (secrets.token_hex(6),))
        connection.execute(f"PRAGMA user_version = {_VERSION}")

    def _unusable(self, error: Exception) -> StartError:
        return StartError(
            f"{self.file} cannot be used: {error}",
            next_step=f"free some space or fix the permissions of {self.file.parent}",
        )


def add_entry(connection: sqlite3.Connection, entry: Entry, key: str) -> None:
    """Write one line beside what else is written."""
    at, body = entry.at.astimezone(UTC).isoformat(), entry.model_dump_json()
    connection.execute(
        "INSERT OR IGNORE INTO entries (target, environment, at, key, body, run, moment) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (entry.target, entry.environment, at, key, body, entry.run, entry.moment),
    )


def _settled(connection: sqlite3.Connection, entry: Entry, asker: str) -> Mix:
    """The mix that this one is called: the last one's, unless it is surely another one."""
    now = entry.inputs[asker]
    row = connection.execute(
        "SELECT json_extract(body, ?) FROM entries WHERE target = ? AND environment = ? "
        "AND json_extract(body, ?) IS NOT NULL AND at <= ? ORDER BY at DESC LIMIT 1",
        (
            f'$.inputs."{asker}"',
            entry.target,
            entry.environment,
            f'$.inputs."{asker}"',
            entry.at.astimezone(UTC).isoformat(),
        ),
    ).fetchone()
    last = Mix.model_validate_json(row[0]) if row else None
    return now if last is None or now.moved(last) else last
