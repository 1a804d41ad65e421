"""A game day's rules: what stops it, what it is called, and what it says when it has ended."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.game_day import (
    ALWAYS_STOPS,
    DrillOutcome,
    Entry,
    GameDay,
    PeopleTimes,
    PersonsMoment,
    day_id_of,
    day_verdict,
    run_id_of,
    workflow_id_of,
)
from gameday.domain.verdict import Verdict
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import failing_run
from tests.gameday.reporting.stand_ins import MAKERS

AT = datetime(2027, 1, 5, 9, tzinfo=UTC)


def outcome(verdict=None):
    return DrillOutcome(drill="noop", title="t", hypothesis="h", verdict=verdict)


@pytest.mark.parametrize("stop_on", [(), ("failed",), ("inconclusive", "refused")])
def test_what_may_be_left_and_what_a_person_stopped_always_stops(stop_on):
    day = GameDay.model_validate(
        {"game_day": "d", "title": "t", "target": "lab", "people": {"leads": "ana"},
         "drills": (Entry(drill="noop"),), "stop_on": stop_on}
    )  # fmt: skip
    for verdict in Verdict:
        expected = verdict in ALWAYS_STOPS or verdict.value in stop_on
        assert day.stops_on(verdict) is expected
    assert not day.stops_on(Verdict.PASSED)


def test_an_id_is_a_folder_and_leads_back_to_its_workflow():
    assert day_id_of("game-day-quarterly-2027-01-05T09:00:00Z") == "quarterly-2027-01-05T090000Z"
    assert run_id_of("quarterly-2027-01-05T090000Z", 0) == "quarterly-2027-01-05T090000Z-1"


@given(st.one_of(
    st.from_regex(r"[0-9A-Z]{4}", fullmatch=True),
    st.builds(lambda name, at: f"{name}-{at.isoformat(timespec='seconds')}Z",
              st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True),
              st.datetimes()),
))  # fmt: skip
def test_ids_go_both_ways(name):
    day_id = day_id_of(f"game-day-{name}")
    assert ":" not in day_id
    assert workflow_id_of(day_id) == f"game-day-{name}"


def test_a_day_passes_only_if_every_drill_did():
    both = (outcome(Verdict.PASSED), outcome(Verdict.PASSED))
    assert day_verdict(both, "") == (Verdict.PASSED, "2 of 2 drills passed")
    one = (outcome(Verdict.PASSED), outcome())
    assert day_verdict(one, "ana stopped it") == (
        Verdict.INCONCLUSIVE, "1 of 2 drills passed; 1 did not run: ana stopped it",
    )  # fmt: skip
    last = (outcome(Verdict.PASSED), outcome(Verdict.REFUSED))
    assert day_verdict(last, "") == (Verdict.REFUSED, "1 of 2 drills passed; noop refused")
    none = (outcome(), outcome())
    assert day_verdict(none, "nobody approved")[0] is Verdict.REFUSED


@given(st.lists(st.one_of(st.none(), st.sampled_from(list(Verdict))), min_size=1, max_size=6))
def test_the_worst_drill_names_the_day(verdicts):
    found, sentence = day_verdict(tuple(map(outcome, verdicts)), "why")
    passed = all(verdict is Verdict.PASSED for verdict in verdicts)
    assert (found is Verdict.PASSED) is passed
    if Verdict.DIRTY in verdicts:
        assert found is Verdict.DIRTY
    assert sentence.startswith(f"{verdicts.count(Verdict.PASSED)} of {len(verdicts)} drills passed")
    assert ("did not run: why" in sentence) is (None in verdicts)


def test_peoples_times_are_counted_from_the_page_and_the_first_of_each_sort_counts():
    moments = [
        PersonsMoment(what="paged", at=AT, by="bo"),
        PersonsMoment(what="paged", at=AT, by="cyd"),
        PersonsMoment(what="acknowledged", at=AT + timedelta(seconds=40), by="cyd"),
        PersonsMoment(what="decided", at=AT + timedelta(seconds=90), by="cyd", words="pin it"),
        PersonsMoment(what="acknowledged", at=AT + timedelta(seconds=95), by="bo"),
    ]
    times = PeopleTimes.of(tuple(moments))
    assert (times.paged_at, times.paged) == (AT, ("bo", "cyd"))
    assert (times.acknowledged_by, times.acknowledged_after_s) == ("cyd", 40.0)
    assert (times.decided_by, times.decided_after_s, times.decision) == ("cyd", 90.0, "pin it")


def test_without_a_page_nobody_knows_how_long_it_took():
    times = PeopleTimes.of((PersonsMoment(what="acknowledged", at=AT, by="bo"),))
    assert times.acknowledged_at == AT
    assert times.acknowledged_after_s is None
    assert PeopleTimes.of(()) == PeopleTimes()


def test_an_outcome_takes_its_runs_figures(tmp_path):
    folder = failing_run().store(tmp_path)
    result = write_reports(folder, folder.read_record(), folder.read_samples(), MAKERS)
    ended = outcome().ended(result)
    assert (ended.verdict, ended.sentence) == (result.verdict, result.reason)
    assert ended.checks == result.checks
    felt = [result.windows["faulted"], result.windows["transition"]]  # in flight at its edges
    assert ended.requests == sum(window.n for window in felt) > 0
    assert ended.errors == sum(window.errors for window in felt) > 0
