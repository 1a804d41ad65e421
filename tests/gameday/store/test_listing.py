"""Every run in a folder is listed, newest first, also those that never ended."""

import os

from gameday.reporting.write import write_reports
from gameday.store.listing import runs_in
from tests.gameday.reporting.runs import at, failing_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS


def test_a_folder_that_is_not_there_holds_no_run(tmp_path):
    assert runs_in(tmp_path / "runs") == []


def test_runs_are_listed_newest_first_as_far_as_they_got(tmp_path):
    judged = passing_run().store(tmp_path)
    result = write_reports(judged, judged.read_record(), judged.read_samples(), MAKERS)
    failing_run().with_record(started_at=at(100)).store(tmp_path)
    (tmp_path / "OLD0").mkdir()
    os.utime(tmp_path / "OLD0", (0, 0))
    (tmp_path / "a file").write_text("is no run")
    (tmp_path / "DAY1").mkdir()
    (tmp_path / "DAY1" / "game_day.json").write_text("{}")  # of which the runs are its drills'

    runs = runs_in(tmp_path)
    assert [run.run_id for run in runs] == ["4F9C", "7Q2K", "OLD0"]
    by_id = {run.run_id: run for run in runs}
    assert by_id["7Q2K"].result == result
    assert by_id["7Q2K"].record == judged.read_record()
    assert (by_id["OLD0"].result, by_id["OLD0"].record) == (None, None)


def test_one_broken_run_is_said_and_hides_no_other(tmp_path, caplog):
    passing_run().store(tmp_path)
    broken = failing_run().store(tmp_path)
    broken.record_file.write_text("{")
    runs = {run.run_id: run for run in runs_in(tmp_path)}
    assert runs["7Q2K"].record is not None
    assert runs["4F9C"].record is None
    assert "4F9C" in caplog.text
    assert "not a RunRecord" in caplog.text
