"""What was ever rehearsed, from the stored runs alone."""

import shutil
from datetime import UTC, datetime, timedelta

from gameday.reporting.coverage import (
    NAMES_MAX,
    SCENARIO_HEADS,
    find_coverages,
    never_sentences,
    scenario_rows,
)
from gameday.store.history import History
from tests.gameday.reporting.days import make_coverage
from tests.gameday.reporting.rows import make_row
from tests.gameday.reporting.stored_history import store_history

NOW = datetime(2027, 9, 1, tzinfo=UTC)


def test_the_newest_stored_run_describes_the_target(tmp_path):
    runs, state = store_history(tmp_path, few=True)
    rows = History(state).rows()
    (coverage,) = find_coverages(rows, NOW).values()
    told = {one.scenario.words: one.state for one in coverage.rehearsed}
    assert told["connection_refused on provider/primary"] == "failed"
    assert "provider/secondary" in coverage.never_places
    shutil.rmtree(runs / "QX")  # the newest is gone: the one before tells the same
    assert find_coverages(rows, NOW).keys() == {"lab/lab"}


def test_a_place_without_any_stored_run_is_not_told():
    assert find_coverages([make_row(0)], NOW) == {}


def test_rows_are_as_long_as_their_heads_and_the_least_ready_comes_first():
    rows = scenario_rows(make_coverage())
    assert {len(row) for row in rows} == {len(SCENARIO_HEADS)}
    assert [row[1:3] for row in rows] == [("failed", "0.00"), ("ready", "0.93")]


def test_many_kinds_are_cut_and_counted():
    kinds = tuple(f"kind_{number}" for number in range(NAMES_MAX + 3))
    (said,) = never_sentences(
        make_coverage().model_copy(update={"never_places": (), "never_kinds": kinds})
    )
    assert said.endswith(f"kind_{NAMES_MAX - 1} and 3 more.")
    exactly = make_coverage().model_copy(
        update={"never_places": (), "never_kinds": kinds[:NAMES_MAX]}
    )
    assert "more" not in never_sentences(exactly)[0]
    assert never_sentences(exactly.model_copy(update={"never_kinds": ()})) == []


def test_readiness_is_as_of_the_moment_that_is_asked_for(tmp_path):
    _, state = store_history(tmp_path, few=True)
    rows = [row for row in History(state).rows() if row.run_id != "QX"]
    (soon,) = find_coverages(rows, rows[-1].ended_at).values()
    (late,) = find_coverages(rows, rows[-1].ended_at + timedelta(days=365)).values()
    best = [max(one.score for one in coverage.rehearsed) for coverage in (soon, late)]
    assert best[0] > 2 * best[1]
