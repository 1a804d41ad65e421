"""One run is one folder, and each author has a segment of its own."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.gate import Call
from gameday.domain.record import Event
from gameday.store.run_folder import RunFolder
from tests.gameday.reporting.runs import at, passing_run


def say(seq, what, author="workflow"):
    return Event(author=author, seq=seq, at=at(seq), what=what)


def test_a_run_is_read_as_it_was_stored(tmp_path):
    made = passing_run()
    folder = made.store(tmp_path)
    assert folder.read_record() == made.record
    assert folder.read_samples() == made.samples
    assert folder.read_served_log() == made.served_log
    assert {a: folder.read_events(a) for a in made.events} == made.events
    assert folder.run_id == "7Q2K"


def test_events_are_idempotent_by_seq_and_kept_in_order(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_events("workflow", [say(2, "second"), say(1, "first")])
    folder.write_events("workflow", [say(2, "second"), say(3, "third")])
    assert [e.what for e in folder.read_events("workflow")] == ["first", "second", "third"]


def test_an_author_that_said_nothing_is_told_from_one_that_left_nothing(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_events("injector", [])
    assert folder.has_segment("injector")
    assert not folder.has_segment("probes")
    assert folder.read_events("injector") == folder.read_events("probes") == ()


def test_no_author_speaks_for_another(tmp_path):
    folder = RunFolder(tmp_path)
    with pytest.raises(ValueError, match="workflow cannot write events of injector"):
        folder.write_events("workflow", [say(1, "armed", author="injector")])
    with pytest.raises(ValueError, match="report cannot write"):
        folder.write_events("report", [])


def test_a_bad_event_is_named_by_file_and_line(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_events("probes", [say(1, "started", author="probes")])
    segment = tmp_path / "segments" / "probes.jsonl"
    segment.write_bytes(segment.read_bytes() + b'{"author": "probes"}\n')
    with pytest.raises(FileError, match=r"probes\.jsonl:2  not a Event: seq: Field required"):
        folder.read_events("probes")


def test_a_missing_or_broken_record_is_one_sentence(tmp_path):
    folder = RunFolder(tmp_path / "7Q2K")
    with pytest.raises(FileError, match="run 7Q2K has not got so far, or is not here"):
        folder.read_record()
    folder.path.mkdir()
    folder.record_file.write_text("{}")
    with pytest.raises(FileError, match=r"record\.json  not a RunRecord: request"):
        folder.read_record()


def test_a_broken_providers_log_is_named(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_served_log("primary", [])
    (tmp_path / "served" / "primary.json").write_text('[{"at": 1}]')
    with pytest.raises(FileError, match=r"primary\.json  is not a provider's log"):
        folder.read_served_log()


def call(request_id, provider="primary"):
    return Call(provider=provider, request_id=request_id, run_id="7Q2K", started_at=at(1))


def test_calls_are_kept_by_provider_and_none_is_told_from_not_known(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.read_calls() == {}
    folder.write_calls("primary", [call("gd-1")])
    folder.write_calls("primary", [call("gd-1"), call("gd-2")])
    folder.write_calls("secondary", [])
    assert folder.read_calls() == {"primary": (call("gd-1"), call("gd-2")), "secondary": ()}


def test_a_bad_call_is_named_by_file_and_line(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_calls("primary", [call("gd-1")])
    log = tmp_path / "calls" / "primary.jsonl"
    log.write_bytes(log.read_bytes() + b"{}\n")
    with pytest.raises(FileError, match=r"primary\.jsonl:2  not a Call"):
        folder.read_calls()
