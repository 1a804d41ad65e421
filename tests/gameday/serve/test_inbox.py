"""The inbox: one line for each beginning and each end, in order, whatever dies."""

import sqlite3
from datetime import timedelta

import pytest

from gameday.domain.errors import FileError, StartError
from gameday.domain.sender import Occurrence
from gameday.serve.inbox import Arrival, Inbox
from tests.gameday.serve.told import AT


def arrival(key, *, firing=True, sender="a"):
    told = Occurrence(key=key, firing=firing, began_at=AT, labels={"alertname": key})
    return Arrival(sender, told, AT)


@pytest.fixture
def inbox(tmp_path):
    made = Inbox(tmp_path / "inbox.db")
    yield made
    made.close()


def test_only_what_is_new_is_kept_and_in_order(inbox):
    assert inbox.keep([arrival("x"), arrival("y"), arrival("x")]) == 2
    assert inbox.keep([arrival("x"), arrival("x", firing=False), arrival("x", sender="b")]) == 2
    told = [(one.sender, one.occurrence.key, one.occurrence.firing) for one in inbox.waiting()]
    assert told == [("a", "x", True), ("a", "y", True), ("a", "x", False), ("b", "x", True)]
    assert inbox.count_waiting() == 4


def test_what_is_dealt_with_waits_no_longer_and_is_not_taken_again(inbox):
    inbox.keep([arrival("x"), arrival("y")])
    first, second = inbox.waiting()
    inbox.intend(first.number, "RUN")
    inbox.started(first.number, "outage in lab", "started", AT)
    inbox.done([(second.number, "no entry matches it")], AT)
    assert inbox.waiting() == []
    assert inbox.keep([arrival("x")]) == 0
    assert [one.outcome for one in inbox.last(2)] == ["started", "no entry matches it"]
    assert inbox.find("a", "x", firing=True).run_id == "RUN"
    assert inbox.find("a", "x", firing=False) is None
    assert inbox.last_start("outage in lab") == AT
    assert inbox.last_start("outage in staging") is None


def test_what_is_long_over_is_forgotten_and_what_waits_is_not(inbox):
    inbox.keep([arrival("old"), arrival("waits")])
    old, waits = inbox.waiting()
    inbox.done([(old.number, "over")], AT)
    inbox.done([], AT + timedelta(days=90))
    assert len(inbox.last(9)) == 2
    inbox.done([], AT + timedelta(days=90, seconds=1))
    assert [one.number for one in inbox.last(9)] == [waits.number]


def test_a_file_of_another_version_and_one_that_is_none_are_refused(tmp_path):
    newer = tmp_path / "newer.db"
    with sqlite3.connect(newer) as made:
        made.execute("PRAGMA user_version = 9")
    made.close()
    with pytest.raises(FileError, match="is of version 9; this program knows version 1"):
        Inbox(newer)
    (tmp_path / "none.db").write_text("hello, this is no database at all, only some text")
    with pytest.raises(StartError, match="cannot be used"):
        Inbox(tmp_path / "none.db")
