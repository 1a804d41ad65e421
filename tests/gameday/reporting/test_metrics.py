"""Figures for Prometheus: what is told, and what is left out because nobody knows it."""

import re
from datetime import date, timedelta

import pytest

from gameday.domain.finding import Finding
from gameday.domain.result import BudgetResult, CheckResult
from gameday.domain.standing import Alarm, Standing
from gameday.domain.verdict import Held, Verdict
from gameday.domain.watch import Watch
from gameday.reporting.metrics import ABOUT, last_of_each, render_metrics
from tests.gameday.exports.judged import judged_once
from tests.gameday.reporting.runs import START
from tests.gameday.reporting.untrusted import HOSTILE

NOW = START + timedelta(days=30)
LINE = re.compile(r'(\w+)(?:\{((?:\w+="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? (\S+)')


def read(text):
    """Each metric's samples by name: labels and value. Prometheus reads it in test_grafana."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            matched = LINE.fullmatch(line)
            assert matched, line
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', matched[2] or ""))
            found.setdefault(matched[1], []).append((labels, float(matched[3])))
    return found


def told(results=(), findings=(), watches=()):
    return read(render_metrics(results, findings, watches, NOW))


@pytest.fixture
def passed():
    return judged_once("passing").result


def make_finding(**changes):
    fields = {
        "id": "7Q2K-1", "run": "7Q2K", "drill": "provider-outage", "target": "lab",
        "environment": "lab", "what": "no fallback", "owner": "ana", "due": date(2026, 12, 1),
        "opened_at": START, "opened_by": "ana", **changes,
    }  # fmt: skip
    return Finding(**fields)


def make_watch():
    return Watch(target="lab", environment="lab", target_file="/x/gameday.yaml")


def test_the_verdict_is_one_of_all(passed):
    verdicts = {said["verdict"]: value for said, value in told([passed])["gameday_run_verdict"]}
    assert verdicts == {str(one): float(one == "passed") for one in Verdict}


def test_of_each_drill_the_last_run_counts(passed):
    later = passed.model_copy(
        update={"run_id": "9ZZZ", "started_at": passed.started_at + timedelta(days=1),
                "verdict": Verdict.FAILED}
    )  # fmt: skip
    other = passed.model_copy(update={"drill": "quota-exhausted"})
    found = last_of_each([later, other, passed])
    assert [(one.drill, one.run_id) for one in found] == [
        ("provider-outage", "9ZZZ"), ("quota-exhausted", "7Q2K"),
    ]  # fmt: skip
    assert last_of_each([passed, other, later]) == found


def test_windows_are_in_seconds_and_the_response_counts_from_the_fault():
    result = judged_once("responding").result
    found = told([result])
    p95 = {
        said["window"]: value
        for said, value in found["gameday_window_latency_seconds"]
        if said["quantile"] == "0.95"
    }
    assert p95["baseline"] == pytest.approx(result.windows["baseline"].latency_ms.p95 / 1000)
    response = {said["moment"]: value for said, value in found["gameday_response_seconds"]}
    called = result.response.called_at - result.response.injected_at
    assert response["called"] == pytest.approx(called.total_seconds())


def test_a_fallback_that_no_drill_states_has_its_clock_too(passed):
    response = {said["moment"]: value for said, value in told([passed])["gameday_response_seconds"]}
    expected = passed.response.first_good_at - passed.faults[0].armed_at
    assert response["first_good"] == pytest.approx(expected.total_seconds())
    assert set(response) >= {"detected", "called", "first_good", "all_good"}


def test_a_check_has_one_answer_and_two_of_one_name_all_that_were_given(passed):
    checks = tuple(
        CheckResult(kind="cost_per_success", name="", held=held, reason="because")
        for held in (Held.YES, Held.UNKNOWN)
    )
    found = told([passed.model_copy(update={"checks": checks})])["gameday_check_held"]
    assert {said["held"]: value for said, value in found} == {"yes": 1, "no": 0, "unknown": 1}


def test_what_nobody_knows_is_not_told_as_nought():
    found = told([judged_once("refused").result], [], [(make_watch(), Standing())])
    assert "gameday_check_held" not in found
    assert "gameday_window_latency_seconds" not in found
    assert "gameday_window_quality_ratio" not in found
    assert "gameday_findings" not in found
    assert "gameday_watch_changed" not in found
    assert found["gameday_watch_blind_ticks"] == [({"target": "lab", "environment": "lab"}, 0.0)]


@pytest.mark.parametrize(("days", "overdue"), [(0, 0.0), (1, 1.0)])
def test_a_finding_is_overdue_from_the_day_after_its_date(days, overdue):
    due = NOW.date() - timedelta(days=days)
    closed = make_finding(id="b", closed_at=START)
    found = told([], [make_finding(due=due), closed])["gameday_findings"]
    counted = {said["state"]: value for said, value in found}
    assert counted == {"open": 1.0, "overdue": overdue, "closed": 1.0}


def test_a_watch_says_what_it_stands_at():
    alarm = Alarm(
        at=START, began=START, tick=3, seen=4, took=2, requests=30, tokens=300, evidence=200.0,
        sentence="changed",
    )  # fmt: skip
    standing = Standing(at=START, ticks=9, changed=alarm, evidence=200.0, quality=0.9, blind=1)
    found = told([], [], [(make_watch(), standing)])
    values = {name: found[f"gameday_watch_{name}"][0][1] for name in
              ("changed", "outside", "evidence_ratio", "quality_ratio", "blind_ticks")}  # fmt: skip
    assert list(values.values()) == [1.0, 0.0, 200.0, 0.9, 1.0]
    assert found["gameday_watch_tick_time_seconds"][0][1] == START.timestamp()


@pytest.mark.parametrize("text", [*HOSTILE, 'a"b\\c\nd', "\\"])
def test_text_of_strangers_stays_in_its_label(text, passed):
    check = CheckResult(kind="slo", name=text, held=Held.NO, reason=text)
    found = told([passed.model_copy(update={"checks": (check,)})])
    assert len(found["gameday_check_held"]) == 3
    assert all(set(said) == {"target", "environment", "drill", "check", "held"}
               for said, _ in found["gameday_check_held"])  # fmt: skip


def every_metric(result):
    """A file in which each metric has a value."""
    budget = BudgetResult(
        slo="availability", objective=0.995, bad=3, total=600, budget_spent=0.01,
        burn_rate_at_fault=2.0, alerts=(),
    )  # fmt: skip
    standing = Standing(at=START, ticks=9, quality=0.9)
    return render_metrics(
        [result.model_copy(update={"budgets": (budget,)})],
        [make_finding()],
        [(make_watch(), standing)],
        NOW,
    )


def test_each_metric_has_its_help_and_is_in_the_guide():
    result = judged_once("responding").result
    text = every_metric(result)
    assert set(read(text)) == set(ABOUT)
    assert re.findall(r"# HELP (\w+) ", text) == re.findall(r"# TYPE (\w+) gauge", text)
