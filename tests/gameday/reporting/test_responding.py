"""The response that a drill states: its clock, its steps, its summary, and what may not pass."""

from itertools import pairwise

import pytest

from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.runbook_request import Mode
from gameday.domain.verdict import Held, Verdict
from gameday.reporting.chart import make_chart
from gameday.reporting.drawn import Drawn
from gameday.reporting.judging import judge_run
from gameday.reporting.terminal import verdict_lines
from gameday.reporting.write import write_reports
from tests.gameday.reporting.played import ASKED, INSIDE, REVERTED, make_played
from tests.gameday.reporting.runs import (
    PINNED,
    at,
    by_pinned,
    by_primary,
    by_worse,
    passing_run,
    rehearsing_run,
    responding_run,
)


def written(run, tmp_path):
    folder = run.store(tmp_path)
    result = write_reports(folder, run.record, run.samples)
    return result, folder.markdown_file.read_text(), folder.html_file.read_text()


def judged(run):
    return judge_run(run.record, run.samples, run.logs)


def held(run):
    return {one.kind: one.held for one in judged(run).judgements}


def test_a_silent_change_that_was_rolled_back_in_time(tmp_path):
    result, markdown, html = written(responding_run(), tmp_path)
    assert result.verdict is Verdict.PASSED, result.reason
    response = result.response
    moments = [
        response.injected_at, response.detected_at, response.decided_at, response.called_at,
        response.first_good_at, response.all_good_at,
    ]  # fmt: skip
    assert moments == sorted(moments)
    assert response.all_good_at < result.restore.requested_at
    assert (response.detected_by, response.called_at) == ("envelope", at(25.32))
    step = response.steps[0]
    assert (step.kind, step.before, step.to) == ("pin_model", "answers-2026-08", PINNED)
    assert [one.on for one in result.faults] == ["provider/primary"]
    for text in (markdown, html):
        assert "noticed, by envelope" in text
        assert "all answers good again" in text
        assert "said yes, and it read back" in text
    assert "| response decided |" in markdown
    assert "| 5s |" in markdown


def test_the_summary_is_the_same_wherever_it_is_told(tmp_path):
    result, markdown, html = written(responding_run(), tmp_path)
    assert result.summary.startswith("OUTSIDE. lab/lab: quality is 53 points below the recorded")
    assert "at most a 1 % chance of a false alarm; quality" in result.summary
    assert "points below the baseline (margin 10)." in result.summary
    assert "The answers name the same model, fingerprint and version as before." in result.summary
    assert (
        f"Proposed: pin_model on component/model, to previous ({PINNED}) (cost to users: low)."
        in result.summary
    )
    assert "Done here: all answers were good 1.2 s after the call." in result.summary
    assert result.summary in "\n".join(verdict_lines(result))
    assert result.summary in html
    assert "Done here: all answers were good" in markdown


def test_a_run_without_a_stated_response_has_no_summary(tmp_path):
    result, _, _ = written(passing_run(), tmp_path)
    assert result.summary == ""
    assert result.response.steps == ()


def test_a_rollback_that_did_nothing_fails_and_says_what_users_got(tmp_path):
    run = responding_run(by_worse, unverified="the alias is answers-2026-08")
    result, markdown, _ = written(run, tmp_path)
    assert result.verdict is Verdict.FAILED
    assert result.reason.startswith("no good answer came within 25 s of the call (first_good")
    assert "Done here, and it did not help" in result.summary
    assert "the alias is answers-2026-08" in markdown
    assert result.response.all_good_at is None


def test_what_gameday_puts_back_is_no_rollback():
    """The pin does nothing; after the restore all is well again, and still it is a no."""
    assert held(responding_run(by_worse))["rolled_back_within"] is Held.NO
    assert judged(responding_run(by_worse)).windows["recovered"].quality > 0.8


def test_a_fault_that_went_before_all_was_good_decides_nothing():
    run = responding_run()
    gone = run.record.faults[0].model_copy(
        update={"cleared_at": at(26), "cleared_by": ClearedBy.LEASE, "cleared_because": "its lease"}
    )
    early = run.with_record(faults=(gone,))
    assert held(early)["rolled_back_within"] is not Held.YES
    assert judged(early).decision.verdict is Verdict.INCONCLUSIVE


def test_a_step_that_went_before_its_restore_decides_nothing():
    run = responding_run()
    step = run.record.steps[0].model_copy(
        update={"cleared_at": at(30), "cleared_by": ClearedBy.STOP}
    )
    decision = judged(run.with_record(steps=(step,))).decision
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "the step pin_model was gone 20.0 s before" in decision.reason


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((), "a step was carried out, and there is no record that it is undone"),
        (None, "pin_model on component/model could not be put back for certain"),
    ],
)
def test_a_step_that_is_possibly_left_is_dirty(steps, said):
    run = responding_run()
    stuck = run.record.steps[0].model_copy(update={"state": FaultState.STUCK})
    decision = judged(run.with_record(steps=(stuck,) if steps is None else steps)).decision
    assert decision.verdict is Verdict.DIRTY
    assert said in decision.reason


def test_nobody_noticed(tmp_path):
    run = responding_run(by_worse)
    unnoticed = run.with_record(detection=None, decided_at=None, respond=None, steps=())
    result, markdown, _ = written(unnoticed, tmp_path)
    assert result.verdict is Verdict.FAILED
    assert "nobody noticed the change" in result.reason
    assert "lab/lab: nothing was noticed;" in result.summary
    assert "| noticed | did not happen |" in markdown


def test_the_marks_of_the_clock_are_in_the_picture():
    run = responding_run()
    chart = make_chart(Drawn(run.record, judged(run), judged(run).windows["baseline"].samples), 976)
    assert [mark.label for mark in chart.marks] == [
        "the change noticed", "response decided", "mechanism called", "first good answer",
        "all answers good again",
    ]  # fmt: skip
    places = [mark.label_x for mark in chart.marks]
    assert places == sorted(places)
    assert all(b - a >= 19 for a, b in pairwise(places))
    assert [bar.name for bar in chart.phases] == ["baseline", "faulted", "responded", "recovered"]


def test_a_rehearsal_says_what_an_incident_would_have_cost(tmp_path):
    result, markdown, html = written(rehearsing_run(), tmp_path)
    assert result.verdict is Verdict.PASSED, result.reason
    assert result.summary == (
        f"ROLLED BACK. pin_model on component/model, to previous ({PINNED}): all answers were of "
        "that version 1.3 s after the call, in which a real incident would have served about 27 "
        "bad ones; until it is called, a real incident serves 1,200 bad answers a minute at the "
        "drill's 20/s."
    )
    assert "Nothing was broken in lab/lab; its response was rehearsed" in markdown
    assert "Time counts from the call of the response" in html
    assert "yes  rolled_back_within" in "\n".join(verdict_lines(result))
    assert "noticed" not in "".join(line for line in markdown.splitlines() if line[:2] == "| ")
    assert "What the response had set was gone" in markdown


def test_a_rehearsal_whose_version_never_changed_fails_by_its_check():
    run = rehearsing_run(by_primary)
    assert held(run) == {"rolled_back_within": Held.NO}
    assert judged(run).decision.verdict is Verdict.FAILED


def test_a_rehearsal_that_nobody_could_see_proves_nothing():
    """No check says no, and the front door names no version: nothing shows that it happened."""

    def nameless(draw, due_s):
        return {**by_pinned(draw, due_s), "model": None, "version": None}

    run = rehearsing_run(nameless)
    decision = judged(run).decision
    assert held(run) == {"rolled_back_within": Held.UNKNOWN}
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert "nobody saw the version at the front door change" in decision.reason


def test_a_runbook_that_was_the_response_is_told_item_by_item(tmp_path):
    run = responding_run()
    folder = run.store(tmp_path)
    folder.write_runbook(make_played(ASKED, REVERTED, INSIDE, mode=Mode.DRILL))
    result = write_reports(folder, run.record, run.samples)
    play = result.response.play
    assert [(one.item, one.answer, one.leads_to) for one in play.items] == [
        ("what", "prompt", "back"), ("back", "done", "again"), ("again", "inside", "end"),
    ]  # fmt: skip
    assert play.items[1].approved_by == ("dana, key 3f2a",)
    for text in (folder.markdown_file.read_text(), folder.html_file.read_text()):
        assert "The runbook model-regressed ended" in text
        assert "are the answers inside?" in text
        assert "approved by dana, key 3f2a" in text


def test_a_drill_without_a_runbook_has_no_play(tmp_path):
    result, markdown, _ = written(responding_run(), tmp_path)
    assert result.response.play is None
    assert "What the runbook asked" not in markdown
