"""Keeps watches, their ticks, what follows from them and what was told, in the ledger's file."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from gameday.domain.errors import FileError
from gameday.domain.figure import Figure
from gameday.domain.ledger import Entry
from gameday.domain.standing import Notice, Standing
from gameday.domain.stretches import LONGEST
from gameday.domain.tick import Tick, figures_of
from gameday.domain.watch import Watch
from gameday.store.ledger import Ledger, add_entry

_TICKS_KEPT = 2 * LONGEST  # with those that told nothing
_GAUGES_KEPT = timedelta(days=730)
_FIGURES = TypeAdapter(tuple[Figure, ...])

Advance = Callable[[Standing, Sequence[Tick]], tuple[Standing, tuple[Notice, ...]]]


class Told(NamedTuple):
    """A notice, when its hook took it, and why it last did not."""

    notice: Notice
    told_at: datetime | None
    failure: str


class Watches:
    """The watches in one state folder."""

    def __init__(self, state: Path) -> None:
        self.ledger = Ledger(state)

    def put(self, watch: Watch) -> None:
        """Keep what it was told. What it has seen stays."""
        with self.ledger.transaction() as kept:
            kept.execute(
                "INSERT INTO watches VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET body = excluded.body",
                (watch.name, watch.model_dump_json(), Standing().model_dump_json()),
            )

    def get(self, name: str) -> Watch:
        """Raises FileError where there is none of this name."""
        with self.ledger.transaction() as kept:
            row = kept.execute("SELECT body FROM watches WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise FileError(
                f"nothing of the name {name} is watched from {self.ledger.file}",
                next_step="gameday watch status",
            )
        return Watch.model_validate_json(row[0])

    def all(self) -> list[Watch]:
        with self.ledger.transaction() as kept:
            rows = kept.execute("SELECT body FROM watches ORDER BY name").fetchall()
        return [Watch.model_validate_json(row[0]) for row in rows]

    def standing(self, name: str) -> Standing:
        with self.ledger.transaction() as kept:
            return _standing(kept, name)

    def has(self, name: str, tick: str) -> bool:
        """Whether this tick was kept already."""
        with self.ledger.transaction() as kept:
            return _has(kept, name, tick)

    def keep(self, watch: Watch, tick: Tick, advance: Advance) -> Standing:
        """Keep one tick and what follows from it, all at once. One that is there changes nothing.

        advance: what follows, from the standing before and the ticks that were compared with the
        same recording, the new one last.
        """
        with self.ledger.transaction() as kept:
            standing = _standing(kept, watch.name)
            if _has(kept, watch.name, tick.tick):
                return standing
            _insert_tick(kept, watch.name, tick)
            _insert_gauges(kept, watch.name, tick)
            standing, notices = advance(standing, _ticks(kept, watch.name, tick.reference))
            kept.execute(
                "UPDATE watches SET standing = ? WHERE name = ?",
                (standing.model_dump_json(), watch.name),
            )
            kept.executemany(
                "INSERT INTO notices (watch, notice, body) VALUES (?, ?, ?)",
                [(watch.name, one.notice, one.model_dump_json()) for one in notices],
            )
            add_entry(kept, entry_of(watch, tick), f"watch {watch.name} {tick.tick}")
        return standing

    def last_ticks(self, name: str, count: int) -> list[Tick]:
        """The last ones, oldest first, whatever they told."""
        with self.ledger.transaction() as kept:
            rows = kept.execute(
                "SELECT body FROM ticks WHERE watch = ? ORDER BY number DESC LIMIT ?", (name, count)
            ).fetchall()
        return [Tick.model_validate_json(row[0]) for row in reversed(rows)]

    def gauges(self, name: str) -> list[tuple[datetime, tuple[Figure, ...]]]:
        """What each tick of the last two years measured, oldest first: figures and no sketch."""
        with self.ledger.transaction() as kept:
            rows = kept.execute(
                "SELECT at, body FROM gauges WHERE watch = ? ORDER BY at", (name,)
            ).fetchall()
        return [(datetime.fromisoformat(at), _FIGURES.validate_json(body)) for at, body in rows]

    def untold(self, name: str) -> list[Notice]:
        """What its hook has not taken yet, oldest first."""
        return [one.notice for one in self.notices(name) if one.told_at is None]

    def notices(self, name: str, last: int = 1000) -> list[Told]:
        """The last notices, oldest first."""
        with self.ledger.transaction() as kept:
            rows = kept.execute(
                "SELECT body, told_at, failure FROM notices WHERE watch = ? "
                "ORDER BY number DESC LIMIT ?",
                (name, last),
            ).fetchall()
        return [_told(*row) for row in reversed(rows)]

    def took(self, name: str, notice: str, at: datetime) -> None:
        """Its hook has taken the notice."""
        self._note(name, notice, at.isoformat(), "")

    def refused(self, name: str, notice: str, why: str) -> None:
        """Its hook has not taken the notice; it is tried again at the next tick."""
        self._note(name, notice, None, why)

    def _note(self, name: str, notice: str, told_at: str | None, failure: str) -> None:
        with self.ledger.transaction() as kept:
            kept.execute(
                "UPDATE notices SET told_at = ?, failure = ? WHERE watch = ? AND notice = ?",
                (told_at, failure, name, notice),
            )


def _standing(kept: sqlite3.Connection, name: str) -> Standing:
    row = kept.execute("SELECT standing FROM watches WHERE name = ?", (name,)).fetchone()
    return Standing.model_validate_json(row[0]) if row else Standing()


def _has(kept: sqlite3.Connection, name: str, tick: str) -> bool:
    sought = "SELECT 1 FROM ticks WHERE watch = ? AND tick = ?"
    return kept.execute(sought, (name, tick)).fetchone() is not None


def _insert_tick(kept: sqlite3.Connection, name: str, tick: Tick) -> None:
    """Ones that no stretch can belong to any more are forgotten: sketches are confidential."""
    compared = tick.reference if tick.compares else ""
    kept.execute(
        "INSERT INTO ticks (watch, tick, reference, body) VALUES (?, ?, ?, ?)",
        (name, tick.tick, compared, tick.model_dump_json()),
    )
    kept.execute(
        "DELETE FROM ticks WHERE watch = ? AND number NOT IN "
        "(SELECT number FROM ticks WHERE watch = ? ORDER BY number DESC LIMIT ?)",
        (name, name, _TICKS_KEPT),
    )


def _insert_gauges(kept: sqlite3.Connection, name: str, tick: Tick) -> None:
    """They outlive the ticks: a drift takes months to be seen."""
    if figures := tuple(figures_of(tick)):
        at, oldest = tick.at.astimezone(UTC), tick.at.astimezone(UTC) - _GAUGES_KEPT
        kept.execute(
            "INSERT OR IGNORE INTO gauges VALUES (?, ?, ?, ?)",
            (name, tick.tick, at.isoformat(), _FIGURES.dump_json(figures).decode()),
        )
        kept.execute("DELETE FROM gauges WHERE watch = ? AND at < ?", (name, oldest.isoformat()))


def _ticks(kept: sqlite3.Connection, name: str, reference: str) -> list[Tick]:
    rows = kept.execute(
        "SELECT body FROM ticks WHERE watch = ? AND reference = ? AND reference != '' "
        "ORDER BY number DESC LIMIT ?",
        (name, reference, LONGEST),
    ).fetchall()
    return [Tick.model_validate_json(row[0]) for row in reversed(rows)]


def entry_of(watch: Watch, tick: Tick) -> Entry:
    """The ledger's line of a tick."""
    return Entry(
        target=watch.target,
        environment=watch.environment,
        at=tick.at,
        by="watch",
        components=tick.components,
        unread=tick.unread,
        answered_by=tick.answered_by,
    )


def _told(body: str, told_at: str | None, failure: str) -> Told:
    at = datetime.fromisoformat(told_at) if told_at else None
    return Told(Notice.model_validate_json(body), at, failure)
