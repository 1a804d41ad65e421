"""The ledger's file: an old one is taken over, a drill's own change is no state to compare with."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gameday.domain.component import version_of
from gameday.domain.inputs import Mix, Stratum
from gameday.domain.ledger import Entry
from gameday.store.ledger import _STEPS, Ledger
from gameday.store.watches import Watches

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
# As version 1 wrote it, before there was more than this.
OLD_LINE = (
    '{"target":"shop","environment":"staging","at":"2026-11-29T09:00:00Z","by":"record",'
    '"components":{"model":{"label":"heron-4","digest":"%s"}},"unread":{},'
    '"answered_by":{"heron-4":40}}' % ("a" * 64)
)
OLD_WATCH = '{"target":"shop","environment":"staging","target_file":"/x","every":"3600s"}'


def entry(minutes, **fields):
    fields = {"by": "record", "components": {"model": version_of("m")}} | fields
    at = AT + timedelta(minutes=minutes)
    return Entry(target="shop", environment="staging", at=at, **fields)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path)


@pytest.fixture
def old(tmp_path):
    """A file as version 1 of it was."""
    connection = sqlite3.connect(tmp_path / "ledger.db")
    connection.executescript(_STEPS[1])
    connection.execute("INSERT INTO place VALUES ('place-1')")
    connection.execute(
        "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
        ("shop", "staging", "2026-11-29T09:00:00+00:00", "record x", OLD_LINE),
    )
    connection.execute("INSERT INTO watches VALUES (?, ?, ?)", ("shop.staging", OLD_WATCH, "{}"))
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    return Ledger(tmp_path)


def test_a_file_of_version_1_is_taken_over_as_it_is(old, tmp_path):
    assert old.place == "place-1"
    (line,) = old.all("shop", "staging")
    assert line.components["model"].label == "heron-4"
    assert (line.run, line.who, line.inputs) == ("", "", {})
    assert old.last("shop", "staging", AT) == line
    assert Watches(tmp_path).get("shop.staging").target_file == "/x"
    old.add(entry(0), "new")
    assert len(old.all("shop", "staging")) == 2
    with sqlite3.connect(old.file) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    connection.close()


def test_a_takeover_that_is_cut_short_leaves_the_old_file(old, monkeypatch):
    monkeypatch.setitem(_STEPS, 2, f"{_STEPS[2].strip()} SELECT 1 FROM nowhere;")
    with pytest.raises(Exception, match="nowhere"):
        _ = old.place
    monkeypatch.undo()
    assert old.place == "place-1"


def test_lines_come_in_the_order_of_their_times_in_whatever_zone(ledger):
    later = AT.astimezone(timezone(timedelta(hours=-8))) + timedelta(minutes=2)
    ledger.add(entry(0, note="second").model_copy(update={"at": later}), "b")
    ledger.add(entry(1, note="first"), "a")
    ledger.add(entry(1 + 1e-6, note="fraction"), "c")
    assert [one.note for one in ledger.all("shop", "staging")] == ["first", "fraction", "second"]
    assert ledger.all("shop", "live") == []


def test_what_a_drill_had_changed_is_no_state_to_compare_with(ledger):
    ledger.add(entry(0), "before")
    ledger.add(entry(1, by="drill", run="7Q2K", moment="changed"), "changed")
    assert ledger.last("shop", "staging", AT + timedelta(hours=1)).moment == ""


def test_a_run_is_known_by_its_first_line(ledger):
    ledger.add(entry(2, by="drill", run="7Q2K", moment="after"), "after")
    ledger.add(entry(1, by="drill", run="7Q2K", moment="before"), "before")
    assert ledger.began("7Q2K") == AT + timedelta(minutes=1)
    assert ledger.began("0000") is None


def mix(**groups):
    return Mix.of({Stratum(name, "en", "short"): count for name, count in groups.items()})


def test_a_mix_that_noise_alone_tells_apart_keeps_its_name(ledger):
    first = ledger.add(entry(0, inputs={"production": mix(a=600, b=400)}), "1")
    second = ledger.add(entry(1, inputs={"production": mix(a=590, b=410)}), "2")
    assert second.versions["inputs of production"] == first.versions["inputs of production"]
    # Never compared with another asker's.
    ledger.add(entry(2, inputs={"record": mix(a=1, b=99)}), "3")
    third = ledger.add(entry(3, inputs={"production": mix(a=300, b=700)}), "4")
    assert third.inputs["production"] == mix(a=300, b=700)


def test_a_mix_that_creeps_is_seen_in_the_end(ledger):
    seen = []
    for step in range(12):
        creeping = mix(a=600 - 20 * step, b=400 + 20 * step)
        added = ledger.add(entry(step, inputs={"production": creeping}), f"{step}")
        seen.append(added.inputs["production"].groups["a"])
    assert seen == [*[600] * 5, *[500] * 5, *[400] * 2]
