"""The table that says which model stands behind a name, and the replicas that route by it."""

import time
from collections.abc import Callable
from itertools import cycle

from gameday.domain.value import Value
from lab.assistant.settings import AliasSettings


class Entry(Value):
    """What stands behind the alias, and how often that has been changed."""

    alias: str
    model: str
    version: int = 1

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


class ChangedMeanwhileError(Exception):
    """The entry is not the one that the writer had read."""

    def __init__(self, now: Entry) -> None:
        super().__init__(f"{now.alias} is {now.model}, version {now.version}, by now")
        self.now = now


class Replica:
    """One copy of the entry. Requests are routed by it, not by the table itself."""

    def __init__(self, entry: Entry, lag_s: float) -> None:
        self._entry = entry
        self._lag_s = lag_s
        self._next: tuple[Entry, float] | None = None  # and from when on

    def told(self, entry: Entry, now_s: float) -> None:
        """Take `entry` over, at once or when the cache's time is over: then the latest counts."""
        since_s = self._next[1] if self._next else now_s + self._lag_s
        self._next = (entry, since_s)

    def at(self, now_s: float) -> Entry:
        if self._next and now_s >= self._next[1]:
            self._entry, self._next = self._next[0], None
        return self._entry


class AliasTable:
    """One alias, as it is kept, and its copies, which take turns at answering requests."""

    def __init__(
        self, model: str, settings: AliasSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._entry = Entry(alias=settings.name, model=model)
        self._replicas = [Replica(self._entry, settings.cache_s) for _ in range(settings.replicas)]
        self._turns = cycle(self._replicas)
        told = len(self._replicas) - settings.replicas_left_out
        self._told = self._replicas[:told]

    @property
    def entry(self) -> Entry:
        """As it is kept: what an operator reads."""
        return self._entry

    def route(self) -> Entry:
        """What the next request is routed by: the copy of the replica whose turn it is."""
        return next(self._turns).at(self._clock())

    def write(self, model: str, if_match: str | None = None) -> Entry:
        """Put `model` behind the alias. Raises ChangedMeanwhileError."""
        if if_match not in (None, "*", self._entry.etag):
            raise ChangedMeanwhileError(self._entry)
        written = Entry(alias=self._entry.alias, model=model, version=self._entry.version + 1)
        if self._settings.ignores_changes:
            return written
        self._entry = written
        for replica in self._told:
            replica.told(written, self._clock())
        return written
