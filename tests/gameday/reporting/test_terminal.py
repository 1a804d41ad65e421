"""The last lines on a terminal: verdict, checks, and where to go from here."""

import pytest

from gameday.domain.verdict import Verdict
from gameday.reporting.inert import inert
from gameday.reporting.terminal import split_headline, verdict_lines
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import EVERY_RUN, failing_run, impatient_run, passing_run
from tests.gameday.reporting.stand_ins import MAKERS
from tests.gameday.reporting.untrusted import HOSTILE


def write(run, tmp_path):
    folder = run.store(tmp_path)
    return write_reports(folder, run.record, run.samples, MAKERS)


def test_a_pass_says_the_hypothesis_and_every_check(tmp_path):
    lines = verdict_lines(write(passing_run(), tmp_path))
    assert lines[0].startswith("PASSED   When primary is unreachable, secondary answers within 2 s")
    assert lines[2] == (
        "  yes  fallback          594 answers from secondary in 594 requests "
        "(objective: within 2 s)"
    )
    assert lines[-3:] == [
        f"  report   {tmp_path}/7Q2K/report.html",
        "  again    gameday judge 7Q2K",
        "  share    gameday report 7Q2K --open",
    ]


def test_clients_who_were_told_to_hang_up_are_told_of(tmp_path):
    lines = verdict_lines(write(impatient_run(), tmp_path))
    assert "  111 clients hung up early, as the drill told them to" in lines
    assert not any(
        "hung up" in line for line in verdict_lines(write(passing_run(), tmp_path / "p"))
    )


def test_a_failure_says_first_what_users_would_have_felt_and_then_what_to_do(tmp_path):
    result = write(failing_run(), tmp_path)
    lines = verdict_lines(result)
    assert lines[0].startswith("FAILED   For 10 s nobody got an answer: 0 answers from secondary")
    assert lines[0].endswith("ended early: error_rate was 100 % for 10 s (at most 50 %).")
    assert lines[-1].endswith("gameday run provider-outage --lab")
    first, more = split_headline(result)
    assert first.startswith("For 10 s nobody got an answer: 0 answers")
    assert more.startswith("The drill then ended early")


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_verdict_has_lines(name, tmp_path):
    result = write(EVERY_RUN[name](), tmp_path)
    lines = verdict_lines(result)
    assert lines[0].startswith(result.verdict.upper())
    assert not any(line != line.rstrip() for line in lines)


def test_what_may_be_left_leads_to_the_sweep(tmp_path):
    run = passing_run().with_record(dirty="a rule may be left")
    lines = verdict_lines(write(run, tmp_path))
    assert lines[0] == "DIRTY   A rule may be left."
    assert "gameday sweep" in lines[-1]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_can_steer_the_terminal(text, tmp_path):
    result = write(passing_run(), tmp_path).model_copy(
        update={"verdict": Verdict.FAILED, "reason": text, "hypothesis": text}
    )
    checks = tuple(c.model_copy(update={"reason": text, "name": text}) for c in result.checks)
    for line in verdict_lines(result.model_copy(update={"checks": checks})):
        assert inert(line) == line
        assert "\n" not in line
