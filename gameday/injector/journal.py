"""The undo journal: what must be undone is on disk before anything is touched.

JSON lines, flushed to the disk one by one. A line that cannot be read (torn by a crash or a full
disk) is skipped and counted: every other line still holds.
"""

import contextlib
import os
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError

from gameday.domain.act import ActOrder, ActRecord
from gameday.domain.lease import FaultRecord, Injection
from gameday.domain.ports import Undo
from gameday.domain.statement import Says, Statement, Word
from gameday.domain.value import Value
from gameday.injector.clock import utc_now

Kept = TypeVar("Kept")

_CLEARED_MAX = 1000  # records of cleared faults that are kept
_TOMBSTONES_MAX = 10_000  # ids that stay refused
_HEARD_MAX = 1000  # digests of which words are kept
_ACTS_MAX = 300  # each with what puts it back, which a corpus' may be large


class Entry(Value):
    """One line. Which fields are set depends on `what`."""

    what: Literal[
        "serving", "intent", "armed", "undoing", "rebuilding", "cleared", "void", "tombstone",
        "stop", "resume", "approval", "word", "act", "acted", "act_undoing",
    ]  # fmt: skip
    at: datetime = Field(default_factory=utc_now)
    id: str = ""
    claim: str = ""
    injection: Injection | None = None
    undo: Undo = {}
    before: Undo = {}
    record: FaultRecord | None = None
    order: ActOrder | None = None
    act: ActRecord | None = None
    digest: str = ""
    by: str = ""
    word: Word | None = None
    toxiproxy: str = ""
    gates: tuple[str, ...] = ()  # gate files
    targets: tuple[str, ...] = ()  # target files


class Outstanding:
    """A fault that is possibly in force: what is needed to undo it, and how far undoing got."""

    def __init__(self, intent: Entry) -> None:
        self.intent = intent
        self.record: FaultRecord | None = None  # as it was armed; None when that is not known
        self.undoing = False
        self.rebuilding = False


class KeptAct:
    """An act, what puts it back, and how far it got: it stays whatever becomes of this process."""

    def __init__(self, intent: Entry) -> None:
        assert intent.order is not None
        assert intent.act is not None
        self.intent = intent
        self.order: ActOrder = intent.order
        self.undo = intent.undo
        self.record: ActRecord = intent.act  # as it was last read back; at first, as it was begun
        self.open = True  # something was begun whose end is not on record
        self.undoing = False  # and it was the way back


class Memory:
    """What the journal's lines add up to."""

    def __init__(self) -> None:
        self.outstanding: dict[str, Outstanding] = {}
        self.cleared: dict[str, FaultRecord] = {}
        self.tombstones: dict[str, datetime] = {}
        # Of each digest: the last word of each person, by what it is about.
        self.words: dict[str, dict[tuple[str, str, bool], Word]] = {}
        self.acts: dict[str, KeptAct] = {}
        self.stopped = False
        self.toxiproxy = ""
        self.gates: tuple[str, ...] = ()
        self.targets: tuple[str, ...] = ()
        self.unreadable_lines = 0

    def take(self, entry: Entry) -> None:
        """Add one line. The same line twice changes nothing."""
        match entry.what:
            case "serving":
                self.toxiproxy, self.gates = entry.toxiproxy, entry.gates
                self.targets = entry.targets
            case "intent":
                self.outstanding[entry.id] = Outstanding(entry)
            case "armed" | "undoing" | "rebuilding":
                self._go_on(entry)
            case "cleared":
                self.outstanding.pop(entry.id, None)
                self.tombstones[entry.id] = entry.at
                if entry.record is not None:
                    self.cleared[entry.id] = entry.record
            case "void":  # the inject failed and was undone: the id may be tried again
                self.outstanding.pop(entry.id, None)
            case "tombstone":
                self.tombstones[entry.id] = entry.at
            case "stop" | "resume":
                self.stopped = entry.what == "stop"
            case "approval" | "word":
                self._hear(entry)
            case _:  # act, acted, act_undoing
                self._take_act(entry)

    def _hear(self, entry: Entry) -> None:
        word = entry.word
        if word is None:  # as it was before words were kept: a name, for any run of the plan
            said = Statement(says=Says.APPROVE, digest=entry.digest)
            word = Word(statement=said, by=entry.by, at=entry.at)
        self.words.setdefault(word.statement.digest, {})[word.place] = word

    def _go_on(self, entry: Entry) -> None:
        fault = self.outstanding.get(entry.id)
        if fault is not None:
            fault.record = entry.record or fault.record
            fault.undoing = fault.undoing or entry.what != "armed"
            fault.rebuilding = fault.rebuilding or entry.what == "rebuilding"

    def _take_act(self, entry: Entry) -> None:
        act = self.acts.get(entry.id)
        if entry.what == "act":
            self.acts[entry.id] = KeptAct(entry)
        elif act is not None:
            act.record = entry.act or act.record
            act.open = act.undoing = entry.what == "act_undoing"

    def forget_the_oldest(self) -> None:
        """Bound what is kept. An outstanding fault is never forgotten, nor an act that is open."""
        _keep_last(self.cleared, _CLEARED_MAX)
        _keep_last(self.tombstones, _TOMBSTONES_MAX)
        _keep_last(self.words, _HEARD_MAX)
        ended = {id_: act for id_, act in self.acts.items() if not act.open}
        for id_ in list(ended)[:-_ACTS_MAX]:
            del self.acts[id_]

    def entries(self) -> list[Entry]:
        """The fewest lines that add up to the same."""
        entries = []
        if self.toxiproxy or self.gates or self.targets:
            entries.append(
                Entry(
                    what="serving",
                    toxiproxy=self.toxiproxy,
                    gates=self.gates,
                    targets=self.targets,
                )
            )
        entries += [
            Entry(what="word", word=word)
            for of_digest in self.words.values()
            for word in of_digest.values()
        ]
        entries += [
            Entry(what="cleared", id=id_, at=at, record=self.cleared[id_])
            if id_ in self.cleared
            else Entry(what="tombstone", id=id_, at=at)
            for id_, at in self.tombstones.items()
        ]
        for id_, fault in self.outstanding.items():
            entries.append(fault.intent)
            if fault.record is not None:
                entries.append(Entry(what="armed", id=id_, record=fault.record))
            if fault.undoing:
                entries.append(Entry(what="rebuilding" if fault.rebuilding else "undoing", id=id_))
        for id_, act in self.acts.items():
            entries.append(act.intent)
            if not act.open or act.undoing:
                entries.append(Entry(what="acted", id=id_, act=act.record))
            if act.undoing:
                entries.append(Entry(what="act_undoing", id=id_))
        if self.stopped:
            entries.append(Entry(what="stop"))
        return entries


def read_journal(path: Path) -> Memory:
    """What the journal at `path` adds up to; nothing when there is none. Changes nothing."""
    memory = Memory()
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return memory
    for line in lines:
        if not line.strip():
            continue
        try:
            memory.take(Entry.model_validate_json(line))
        except ValidationError:
            memory.unreadable_lines += 1
    return memory


class UndoJournal:
    """The journal of one state folder. One process at a time, by the lock that it holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.memory = read_journal(path)
        self.memory.forget_the_oldest()
        self._unsaved: list[Entry] = []
        # A journal that cannot be made shorter (a full disk) is still a good journal.
        with contextlib.suppress(OSError):
            self._compact()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._torn = _ends_torn(path)

    def append(self, entry: Entry) -> None:
        """Write one line to the disk. Raises OSError, and then the line does not count."""
        self.save_late()
        self._write(entry)
        self.memory.take(entry)

    def note(self, entry: Entry) -> None:
        """Like `append`, for what is true whether or not it can be written now.

        A restore must happen although the disk is full. What could not be written is written as
        soon as that works; until then a crash would restore once more, which changes nothing.
        """
        self.memory.take(entry)
        self.memory.forget_the_oldest()
        self._unsaved.append(entry)
        with contextlib.suppress(OSError):
            self.save_late()

    def save_late(self) -> None:
        """Write what could not be written before. Raises OSError when it still cannot."""
        while self._unsaved:
            self._write(self._unsaved[0])
            del self._unsaved[0]

    def close(self) -> None:
        os.close(self._file)

    def _write(self, entry: Entry) -> None:
        line = entry.model_dump_json().encode() + b"\n"
        size = os.fstat(self._file).st_size
        try:
            self._write_all(b"\n" + line if self._torn else line)
            os.fsync(self._file)
            self._torn = False
        except OSError:
            # Half a line must not spoil the next one: cut it off, or at least end it.
            self._torn = True
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, size)
            raise

    def _write_all(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._file, data) :]

    def _compact(self) -> None:
        """Write the journal anew, short: temporary file, flush, rename, flush the folder."""
        beside = self._path.with_suffix(".new")
        with beside.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            for entry in self.memory.entries():
                file.write(entry.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _keep_last(kept: dict[str, Kept], most: int) -> None:
    for key in list(kept)[:-most]:
        del kept[key]


def _ends_torn(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"
