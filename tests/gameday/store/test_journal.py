"""The journal shows every edit, gap, swap and cut."""

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gameday.store.journal import merge_events, verify_chain, write_journal
from tests.gameday.reporting.runs import at, passing_run


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    folder = passing_run().store(tmp_path_factory.mktemp("runs"))
    write_journal(folder, merge_events(folder, at(62)))
    return folder.journal_file.read_bytes()


def lines_of(content):
    return [json.loads(line) for line in content.splitlines()]


def verify(tmp_path, content):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(content)
    return verify_chain(path)


def test_three_segments_become_one_chain_in_order_of_time(journal, tmp_path):
    lines = lines_of(journal)
    order = [
        (datetime.fromisoformat(line["at"]), line["author"], line["seq"]) for line in lines[:-1]
    ]
    assert order == sorted(order)
    assert {line["author"] for line in lines} == {"workflow", "injector", "probes", "report"}
    assert [line["prev"] for line in lines] == ["0" * 64, *(line["hash"] for line in lines[:-1])]
    assert lines[-1]["facts"] == {"lines": len(lines)}
    assert verify(tmp_path, journal) is None


def test_the_hash_of_the_last_line_is_returned(tmp_path):
    folder = passing_run().store(tmp_path)
    head = write_journal(folder, merge_events(folder, at(62)))
    assert head == lines_of(folder.journal_file.read_bytes())[-1]["hash"]


def test_a_missing_author_is_said(tmp_path):
    folder = passing_run().store(tmp_path)
    (folder.path / "segments" / "injector.jsonl").unlink()
    said = merge_events(folder, at(62))
    assert [event.what for event in said if event.author == "report"] == [
        "no segment from injector: it could not be asked, or left none",
        "end of journal",
    ]


EVERY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@EVERY
@given(data=st.data())
def test_any_edited_byte_is_found_no_later_than_the_line_after_it(journal, tmp_path, data):
    place = data.draw(st.integers(0, len(journal) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != journal[place]))
    edited = journal[:place] + bytes([byte]) + journal[place + 1 :]
    found = verify(tmp_path, edited)
    assert found == journal[:place].count(b"\n") + 1 or (
        journal[place : place + 1] == b"\n" and found is not None
    )


@EVERY
@given(data=st.data())
def test_any_inserted_or_removed_byte_is_found(journal, tmp_path, data):
    place = data.draw(st.integers(0, len(journal) - 1))
    byte = data.draw(st.binary(min_size=1, max_size=1))
    assert verify(tmp_path, journal[:place] + journal[place + 1 :]) is not None
    inserted = journal[:place] + byte + journal[place:]
    assert verify(tmp_path, inserted) is not None


def test_any_removed_line_is_found_where_it_was(journal, tmp_path):
    lines = journal.splitlines(keepends=True)
    for gone in range(len(lines)):
        assert verify(tmp_path, b"".join(lines[:gone] + lines[gone + 1 :])) == gone + 1


def test_any_two_swapped_lines_are_found(journal, tmp_path):
    lines = journal.splitlines(keepends=True)
    for first in range(len(lines)):
        for second in range(first + 1, len(lines)):
            swapped = list(lines)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert verify(tmp_path, b"".join(swapped)) == first + 1


def test_a_cut_tail_is_found_as_the_line_that_is_missing(journal, tmp_path):
    lines = journal.splitlines(keepends=True)
    for kept in range(len(lines)):
        assert verify(tmp_path, b"".join(lines[:kept])) == kept + 1
    for cut in range(len(journal)):
        assert verify(tmp_path, journal[:cut]) is not None


def test_nothing_may_follow_the_end(journal, tmp_path):
    last = journal.splitlines(keepends=True)[-1]
    assert verify(tmp_path, journal + last) == len(journal.splitlines()) + 1


@pytest.mark.parametrize(
    "line", [b"[]", b"null", b"NaN", b"[" * 100_000, b'{"prev": NaN}', b"\xff"]
)
def test_a_line_that_is_no_event_is_a_bad_line(journal, tmp_path, line):
    lines = journal.split(b"\n")
    lines[1] = line
    assert verify(tmp_path, b"\n".join(lines)) == 2
