"""What a report tells of the runs before: a table, what fell, and trends only where there are."""

import logging
from datetime import timedelta

import pytest

from gameday.domain.creep import SPAN_WEEKS
from gameday.domain.history import HistoryRow
from gameday.domain.verdict import Held, Verdict
from gameday.reporting.judging import INSTALLED
from gameday.reporting.past import (
    LAST_RUNS,
    RUN_HEADS,
    Past,
    past_sentence,
    run_rows,
    trend_rows,
    trends_sentence,
)
from gameday.reporting.write import write_reports
from gameday.store.history import History
from tests.gameday.reporting.runs import EVERY_RUN, failing_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS


def judged_row(run, folder, makers=INSTALLED):
    stored = run.store(folder)
    result = write_reports(stored, run.record, run.samples, makers)
    return HistoryRow.of(result, run.record, str(stored.path))


@pytest.fixture(scope="module")
def row(tmp_path_factory):
    return judged_row(passing_run(), tmp_path_factory.mktemp("passing"))


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    return judged_row(failing_run(), tmp_path_factory.mktemp("failing"))


def later(row, weeks, run_id, **changes):
    moved = {one: getattr(row, one) + timedelta(weeks=weeks) for one in ("started_at", "ended_at")}
    return row.model_copy(update={**moved, "run_id": run_id, **changes})


def slower(row, factor):
    """The same run with another p95 while the fault was there."""
    figures = [
        one.model_copy(update={"value": factor * one.value})
        if one.key == "faulted latency_ms_p95"
        else one
        for one in row.figures
    ]
    return row.model_copy(update={"figures": tuple(figures)})


@pytest.mark.parametrize("name", EVERY_RUN)
def test_what_a_check_measured_agrees_with_what_it_says(name, tmp_path):
    for check in judged_row(EVERY_RUN[name](), tmp_path).checks:
        if check.measure is not None and check.measure.objective is not None:
            assert check.held is (Held.YES if check.measure.inside else Held.NO)


def test_the_checks_of_a_run_that_passed_have_their_measures(row):
    measured = {check.kind: check.measure.unit for check in row.checks if check.measure}
    assert measured == {
        "fallback": "s",
        "slo": "ms",
        "envelope": "share",
        "cost_per_success": "x",
        "recovered_within": "s",
    }


def test_the_first_run_says_that_it_is(row):
    assert past_sentence(Past((row,))).startswith("This is the first run of this drill")


def test_a_check_that_fell_since_the_run_before_got_worse(row, failed):
    past = Past((row, later(failed, 1, "BBBB")))
    assert past.worse[0].startswith(f"fallback held in run {row.run_id}, and now: ")
    assert "2 runs are known" in past_sentence(past)


def test_a_check_that_said_no_before_too_did_not_get_worse(failed):
    assert Past((failed, later(failed, 1, "BBBB"))).worse == []


def test_a_run_that_came_to_no_end_says_nothing_of_what_got_worse(row, failed):
    lost = later(failed, 1, "BBBB", verdict=Verdict.INCONCLUSIVE)
    past = Past((row, lost))
    assert past.worse == []
    assert past.compared == [row]
    assert "1 of them" in past_sentence(past)


def test_runs_of_another_form_are_shown_and_not_compared(row):
    short = later(row, 1, "BBBB", drill_digest="f" * 64)
    past = Past((short, later(row, 2, "CCCC")))
    assert [one.run_id for one in past.compared] == ["CCCC"]
    assert [line[1] for line in run_rows(past)] == ["CCCC", "BBBB"]


def test_the_last_runs_are_a_table_the_newest_first(row):
    past = Past(tuple(later(row, week, f"RUN{week}") for week in range(20)))
    lines = run_rows(past)
    assert [line[1] for line in lines] == [f"RUN{week}" for week in range(19, 19 - LAST_RUNS, -1)]
    assert {len(line) for line in lines} == {len(RUN_HEADS)}
    assert lines[0][2:6] == ("passed", "357 ms", "0.0 %", "0.92")


def test_weekly_runs_that_get_slower_are_told_as_such_while_the_objective_holds(row):
    rows = [
        later(slower(row, 1 + 0.02 * week + week % 3 / 50), week, f"RUN{week}")
        for week in range(SPAN_WEEKS // 2)
    ]
    past = Past(tuple(rows))
    (told,) = [line for line in trend_rows(past) if line[2] == "worse"]
    assert told[0] == "faulted latency_ms_p95"
    assert "still inside its objective" in told[3]
    assert any(one.startswith("faulted latency_ms_p95 gets worse") for one in past.worse)


def test_quarterly_runs_say_how_many_weeks_are_still_needed(row):
    past = Past(tuple(later(slower(row, 1 + 0.05 * n), 13 * n, f"RUN{n}") for n in range(6)))
    assert trend_rows(past) == []
    assert "too little to know: " in trends_sentence(past.trends)
    assert "more are needed" in past_sentence(past)


def test_the_report_has_its_section_and_the_history_its_row(tmp_path):
    history, run = History(tmp_path / "state"), passing_run()
    folder = run.store(tmp_path / "runs")
    for _ in range(2):  # a run is not among those before it
        write_reports(folder, run.record, run.samples, MAKERS, history=history)
        told = folder.markdown_file.read_text()
        assert "## History of this drill" in told
        assert "This is the first run" in told
        assert "History of this drill</h2>" in folder.html_file.read_text()
    assert [one.run_id for one in history.rows()] == [folder.run_id]


def test_a_history_that_cannot_be_used_costs_its_section_and_not_the_report(tmp_path, caplog):
    (tmp_path / "state").write_text("a file where a folder should be")
    run = passing_run()
    folder = run.store(tmp_path / "runs")
    with caplog.at_level(logging.WARNING):
        result = write_reports(
            folder, run.record, run.samples, MAKERS, history=History(tmp_path / "state")
        )
    assert result.verdict is Verdict.PASSED
    assert "History of this drill" not in folder.html_file.read_text()
    assert "is not in the history yet" in caplog.text
