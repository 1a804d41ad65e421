"""What was written to the undo journal is still there, whatever happened to its end."""

import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.act import ActRecord, ActState
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.injector import journal as journal_module
from gameday.injector.clock import utc_now
from gameday.injector.journal import Entry, UndoJournal, read_journal
from tests.gameday.injector.rig import a_yes, injection
from tests.gameday.injector.test_acts import order

ORDER = order()


def intent(fault_id: str) -> Entry:
    return Entry(
        what="intent",
        id=fault_id,
        claim="toxiproxy/primary",
        injection=injection(),
        undo={"enabled": True},
        before={"enabled": True},
    )


def record(fault_id: str, state: FaultState) -> FaultRecord:
    gone = state is FaultState.CLEARED
    return FaultRecord(
        id=fault_id,
        run_id="RUN1",
        kind="latency",
        on="provider/primary",
        claim="toxiproxy/primary",
        state=state,
        cleared_at=utc_now() if gone else None,
        cleared_by=ClearedBy.RESTORE if gone else None,
    )


def entry(what: str, fault_id: str) -> Entry:
    match what:
        case "intent":
            return intent(fault_id)
        case "armed":
            return Entry(what="armed", id=fault_id, record=record(fault_id, FaultState.ARMED))
        case "cleared":
            return Entry(what="cleared", id=fault_id, record=record(fault_id, FaultState.CLEARED))
        case "approval":
            return Entry(what="approval", digest=fault_id, by="ann")
        case "word":
            return Entry(what="word", word=a_yes(fault_id, "bob"))
        case "act":
            return Entry(what="act", id=fault_id, order=ORDER, undo={"value": "old"}, act=acted())
        case "acted":
            return Entry(what="acted", id=fault_id, act=acted(state=ActState.DONE))
        case "serving":
            return Entry(what="serving", gates=(f"/{fault_id}/gate.yaml",))
    return Entry(what=what, id=fault_id)  # type: ignore[arg-type]


def acted(**changes) -> ActRecord:
    """As it was begun."""
    fields = {
        "id": "a1",
        "run_id": "RUN1",
        "target": "lab",
        "environment": "local",
        "incident": "",
        "step": ORDER.step,
        "proposal_digest": ORDER.proposal.digest,
        "asked_by": "ada",
        "state": ActState.UNKNOWN,
        "called_at": ORDER.proposal.expires_at,
    }
    return ActRecord.model_validate(fields | changes)


def sums(memory: journal_module.Memory) -> tuple:
    """Everything that a memory says, to compare by."""
    outstanding = {
        fault_id: (fault.intent, fault.record, fault.undoing, fault.rebuilding)
        for fault_id, fault in memory.outstanding.items()
    }
    acts = {
        act_id: (act.order, act.undo, act.record, act.open, act.undoing)
        for act_id, act in memory.acts.items()
    }
    kept = (memory.cleared, memory.tombstones, memory.words, acts)
    return outstanding, *kept, memory.stopped, memory.toxiproxy, memory.gates


WHATS = [
    "intent",
    "armed",
    "undoing",
    "rebuilding",
    "cleared",
    "void",
    "tombstone",
    "stop",
    "resume",
    "approval",
    "word",
    "act",
    "acted",
    "act_undoing",
    "serving",
]

steps = st.lists(
    st.tuples(
        st.sampled_from(WHATS),
        st.sampled_from(["f1", "f2", "f3"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps, st.data())
def test_cut_at_any_byte_it_keeps_every_whole_line(
    steps: list[tuple[str, str]], data: st.DataObject
):
    entries = [entry(what, fault_id) for what, fault_id in steps]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "undo.jsonl"
        journal = UndoJournal(path)
        for one in entries:
            journal.append(one)
        journal.close()
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        # A line that lacks only its line feed is whole, too.
        survived = sum(1 for line in whole[: cut + 1].split(b"\n")[:-1] if line)
        expected = journal_module.Memory()
        for one in entries[:survived]:
            expected.take(one)
        assert sums(read_journal(path)) == sums(expected)
        reopened = UndoJournal(path)  # compacts, and goes on after the torn line
        assert sums(reopened.memory) == sums(expected)
        reopened.append(intent("later"))
        reopened.close()
        assert "later" in read_journal(path).outstanding


@settings(max_examples=60, deadline=None)
@given(steps)
def test_compaction_says_the_same_in_fewer_lines(steps: list[tuple[str, str]]):
    memory = journal_module.Memory()
    for what, fault_id in steps:
        memory.take(entry(what, fault_id))
    again = journal_module.Memory()
    for one in memory.entries():
        again.take(Entry.model_validate_json(one.model_dump_json()))
    assert sums(again) == sums(memory)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_without_a_crash(noise: bytes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "undo.jsonl"
        path.write_bytes(noise + b"\n" + intent("f1").model_dump_json().encode())
        assert "f1" in read_journal(path).outstanding


def test_tombstones_are_bounded_and_outstanding_faults_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal_module, "_TOMBSTONES_MAX", 5)
    monkeypatch.setattr(journal_module, "_CLEARED_MAX", 3)
    path = tmp_path / "undo.jsonl"
    journal = UndoJournal(path)
    for number in range(20):
        journal.append(intent(f"held{number}"))
        journal.note(entry("cleared", f"gone{number}"))
    journal.close()
    memory = UndoJournal(path).memory
    assert len(memory.outstanding) == 20
    assert list(memory.tombstones) == [f"gone{number}" for number in range(15, 20)]
    assert list(memory.cleared) == [f"gone{number}" for number in range(17, 20)]


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(journal_module.os, "fsync", no_space)


def test_a_line_that_cannot_be_written_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    journal = UndoJournal(tmp_path / "undo.jsonl")
    with monkeypatch.context() as patch:
        full_disk(patch)
        with pytest.raises(OSError, match="No space"):
            journal.append(intent("f1"))
    assert not journal.memory.outstanding
    assert not read_journal(tmp_path / "undo.jsonl").outstanding


def test_what_is_true_anyway_is_written_as_soon_as_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "undo.jsonl"
    journal = UndoJournal(path)
    journal.append(intent("f1"))
    with monkeypatch.context() as patch:
        full_disk(patch)
        journal.note(entry("cleared", "f1"))
        assert not journal.memory.outstanding
        assert "f1" in read_journal(path).outstanding
    journal.save_late()
    assert "f1" in read_journal(path).cleared


def test_a_torn_end_does_not_spoil_the_next_line_when_the_disk_is_full_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "undo.jsonl"
    path.write_bytes(b'{"what":"inten')
    with monkeypatch.context() as patch:
        full_disk(patch)
        journal = UndoJournal(path)  # could not be made shorter
    assert path.read_bytes() == b'{"what":"inten'
    journal.append(intent("f1"))
    journal.close()
    assert "f1" in read_journal(path).outstanding


def test_it_is_for_its_owner_only(tmp_path: Path):
    path = tmp_path / "undo.jsonl"
    UndoJournal(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_acts_are_bounded_and_one_that_is_open_is_never_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal_module, "_ACTS_MAX", 2)
    journal = UndoJournal(tmp_path / "undo.jsonl")
    journal.append(entry("act", "open"))
    for number in range(4):
        journal.append(entry("act", f"a{number}"))
        journal.note(entry("acted", f"a{number}"))
    assert list(journal.memory.acts) == ["open", "a2", "a3"]
