"""A run that breaks nothing: its windows, its proof that the load went up, and its report."""

from dataclasses import replace

import pytest

from gameday.domain.samples import Samples
from gameday.domain.verdict import Held, Stop, Verdict
from gameday.reporting.judging import judge_run
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import at, by_nobody, by_primary, rising_run


def judge(run):
    return judge_run(run.record, Samples.of(run.samples), run.logs)


def test_each_request_is_in_the_window_in_which_it_was_due():
    run = rising_run()
    windows = judge(run).windows
    assert list(windows) == ["left", "baseline", "peak", "recovered"]
    assert sum(len(window) for window in windows.values()) == len(run.samples)
    peak = windows["peak"].samples
    assert peak[0].intended_at >= at(20.4)
    assert peak[-1].intended_at < at(50.6)
    assert windows["baseline"].samples[-1].intended_at < at(20.4)


def test_a_load_that_arrived_lets_the_checks_speak():
    judged = judge(rising_run())
    assert judged.rise.reached
    assert {one.held for one in judged.judgements} == {Held.YES}, judged.judgements
    assert judged.decision.verdict is Verdict.PASSED


@pytest.mark.parametrize(("sent_share", "verdict"), [
    (0.97, Verdict.PASSED), (0.8, Verdict.INCONCLUSIVE),
])  # fmt: skip
def test_a_load_that_did_not_arrive_proves_nothing(sent_share, verdict):
    decision = judge(rising_run(sent_share=sent_share)).decision
    assert decision.verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert decision.reason.startswith("the load did not arrive at its peak: the busiest 2 s")
        assert "requests a second of the load's peak of 60/s" in decision.reason


def test_an_objective_that_breaks_fails_it():
    def answer(draw, due_s):
        usual = by_primary(draw, due_s)
        return usual | {"latency_ms": 2000.0} if due_s > 32 else usual

    judged = judge(rising_run(answer))
    assert judged.decision.verdict is Verdict.FAILED
    assert "latency_p95 broke at " in judged.decision.reason


def test_a_guard_on_the_way_up_gives_its_own_reason():
    run = rising_run(by_nobody)
    stopped = [s for s in run.samples if s.intended_at < at(30)]
    record = run.record.model_copy(
        update={
            "peak": run.record.peak.model_copy(update={"ended_at": None}),
            "ended_at": at(30),
            "stop": Stop(by="guard", reason="error_rate was 1", guard="error_rate above 0.5 for"),
        }
    )
    judged = judge(replace(run, record=record, samples=tuple(stopped)))
    assert judged.decision.verdict is Verdict.FAILED  # availability says no
    assert not judged.rise.reached


def test_the_report_names_what_was_done(tmp_path):
    folder = rising_run().store(tmp_path)
    result = write_reports(folder, folder.read_record(), folder.read_samples())
    assert result.faults == ()
    assert result.rise.reached
    text = folder.markdown_file.read_text()
    assert "Nothing was broken in lab/lab; its load went up towards 60/s" in text
    assert "## Did the load go up?" in text
    assert "Yes: the busiest 2 s had" in text
    html = folder.html_file.read_text()
    assert "Did the load go up?" in html
    assert "Was the fault felt?" not in html
    assert "holds_up_to" in html
