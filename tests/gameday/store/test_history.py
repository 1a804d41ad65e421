"""A row for each run, written once, caught up with, made anew; what was pruned stays."""

import json
import logging
import shutil
import sqlite3
import subprocess
import sys
from datetime import timedelta

import pytest

from gameday.domain.errors import FileError, StartError
from gameday.reporting.write import write_reports
from gameday.store.history import History
from tests.gameday.reporting.runs import failing_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "state")


@pytest.fixture
def run_of(tmp_path):
    """A judged run of that id that began so many days after the first, which no history knows."""

    def make(run_id, days=0, made=passing_run):
        run = made()
        folder = tmp_path / "runs" / run_id
        request = run.record.request.model_copy(update={"run_id": run_id, "folder": str(folder)})
        run = run.with_record(request=request)
        stored = run.store(tmp_path / "runs")
        write_reports(stored, run.record, run.samples, MAKERS)
        result = stored.read_result()
        later = {"started_at": result.started_at + timedelta(days=days)}
        stored.write_result(result.model_copy(update=later))
        return stored

    return make


def ids(history, **which):
    return [row.run_id for row in history.rows(**which)]


def test_a_run_has_one_row_however_often_it_is_written(history, run_of):
    folder = run_of("AAAA")
    first = history.put(folder)
    assert history.put(folder) == first
    assert history.rows() == [first]


def test_a_row_has_what_was_rehearsed_and_every_figure_with_its_objective(history, run_of):
    row = history.put(run_of("AAAA"))
    assert (row.target, row.environment, row.drill) == ("lab", "lab", "provider-outage")
    assert [(one.kind, one.on, one.felt) for one in row.rehearsed] == [
        ("connection_refused", "provider/primary", True)
    ]
    p95 = row.figure("faulted latency_ms_p95")
    assert (p95.unit, p95.objective, p95.inside) == ("ms", 1000.0, True)
    assert row.figure("baseline error_share").objective == 0.005
    assert row.figure("faulted attempts_per_request").value == 2.0
    assert row.figure("response detect_s").value < row.figure("response all_good_s").value
    assert row.figure("restore restore_s").unit == "s"
    assert row.figure("faulted nothing_ms") is None


def test_digests_tell_whether_two_runs_were_told_the_same(history, run_of):
    one, two = history.put(run_of("AAAA")), history.put(run_of("BBBB", 1, failing_run))
    assert len(one.drill_digest) == 64
    assert (one.drill_digest, one.target_digest) == (two.drill_digest, two.target_digest)
    assert one.drill_digest != one.target_digest


def test_rows_are_by_target_environment_and_drill_the_oldest_first(history, run_of):
    for name, days in (("BBBB", 5), ("AAAA", 1), ("CCCC", 9)):
        history.put(run_of(name, days))
    assert ids(history) == ["AAAA", "BBBB", "CCCC"]
    assert ids(history, drill="provider-outage", target="lab") == ["AAAA", "BBBB", "CCCC"]
    assert ids(history, environment="production") == []


def test_a_run_whose_row_was_never_written_is_caught_up_with(history, run_of, tmp_path):
    """As after a crash between the report and the row."""
    history.put(run_of("AAAA"))
    run_of("BBBB", 1)
    assert history.catch_up(tmp_path / "runs") == 1
    assert ids(history) == ["AAAA", "BBBB"]
    assert history.catch_up(tmp_path / "runs") == 0


def test_a_run_that_was_judged_anew_is_read_anew(history, run_of, tmp_path):
    folder = run_of("AAAA")
    history.put(folder)
    changed = folder.read_result().model_copy(update={"reason": "judged otherwise"})
    folder.write_result(changed)
    assert history.catch_up(tmp_path / "runs") == 1
    assert [row.reason for row in history.rows()] == ["judged otherwise"]


def test_one_run_that_cannot_be_read_does_not_hide_the_others(history, run_of, tmp_path, caplog):
    run_of("AAAA")
    (run_of("BBBB", 1).path / "record.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        assert history.catch_up(tmp_path / "runs") == 1
    assert ids(history) == ["AAAA"]
    assert "BBBB" in caplog.text


def test_it_is_made_anew_from_the_runs_that_are_there(history, run_of, tmp_path):
    gone, kept, elsewhere = run_of("AAAA"), run_of("BBBB", 1), run_of("CCCC", 2)
    (tmp_path / "other").mkdir()
    elsewhere.path = elsewhere.path.rename(tmp_path / "other" / "CCCC")
    for folder in (gone, kept):
        history.put(folder)
    history.catch_up(tmp_path / "other")
    shutil.rmtree(gone.path)
    assert history.rebuild(tmp_path / "runs") == 1
    assert ids(history) == ["BBBB", "CCCC"]  # of another folder of runs nothing was asked


def test_a_lost_file_is_made_anew(history, run_of, tmp_path):
    history.put(run_of("AAAA"))
    for file in history.file.parent.glob("history.db*"):
        file.unlink()
    assert history.rebuild(tmp_path / "runs") == 1
    assert ids(history) == ["AAAA"]


def test_figures_of_a_pruned_run_stay_also_when_all_is_made_anew(history, run_of, tmp_path):
    folder = run_of("AAAA")
    history.pruned(folder)  # it had no row yet: the last moment to make one
    shutil.rmtree(folder.path)
    history.rebuild(tmp_path / "runs")
    (row,) = history.rows()
    assert row.pruned
    assert row.figure("faulted latency_ms_p95") is not None


def test_a_row_goes_when_its_own_time_is_over_and_not_before_its_run_has(history, run_of):
    folder = run_of("AAAA")
    row = history.put(folder)
    assert not history.over(row.ended_at + timedelta(days=4000))  # nobody said how long
    row = row.model_copy(update={"kept_days": 30})
    assert not row.is_over(row.ended_at + timedelta(days=31))  # its run is still there
    row = row.model_copy(update={"pruned": True})
    assert not row.is_over(row.ended_at + timedelta(days=29))
    assert row.is_over(row.ended_at + timedelta(days=30))
    history.forget(row)
    assert history.rows() == []


def test_whoever_knows_sql_can_ask_for_figures(history, run_of):
    history.put(run_of("AAAA"))
    with sqlite3.connect(history.file) as opened:
        found = opened.execute(
            "SELECT value, objective FROM figures WHERE of_what = 'faulted' "
            "AND name = 'latency_ms_p95' AND verdict = 'passed'"
        ).fetchall()
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    opened.close()
    assert len(found) == 1
    assert found[0][1] == 1000.0


def test_processes_that_write_at_once_lose_no_row(history, run_of):
    folders = [run_of(name, day) for day, name in enumerate(("AAAA", "BBBB", "CCCC", "DDDD"))]
    program = (
        "import sys; from pathlib import Path; from gameday.store.history import History\n"
        "from gameday.store.run_folder import RunFolder\n"
        "[History(Path(sys.argv[1])).put(RunFolder(sys.argv[2])) for _ in range(20)]"
    )
    argv = [sys.executable, "-c", program, str(history.file.parent)]
    writers = [subprocess.Popen([*argv, str(folder.path)]) for folder in folders]
    assert [writer.wait(100) for writer in writers] == [0, 0, 0, 0]
    assert len(ids(history)) == 4


def test_a_damaged_file_says_how_it_is_made_anew(history, run_of):
    history.put(run_of("AAAA"))
    for file in history.file.parent.glob("history.db*"):
        file.write_bytes(b"no database at all, and longer than its head" * 40)
    with pytest.raises(StartError) as caught:
        history.rows()
    assert str(history.file) in caught.value.sentence
    assert "history --rebuild" in caught.value.next_step


def test_a_file_of_a_later_version_is_left_alone(history):
    history.rows()
    with sqlite3.connect(history.file) as opened:
        opened.execute("PRAGMA user_version = 9")
    opened.close()
    with pytest.raises(FileError, match="version 9"):
        history.rows()


def test_a_run_that_has_no_result_is_no_row(history, tmp_path):
    folder = passing_run().store(tmp_path / "runs")
    assert history.catch_up(tmp_path / "runs") == 0
    with pytest.raises(FileError):
        history.put(folder)
    assert json.loads(folder.record_file.read_text())  # and nothing of it is touched
