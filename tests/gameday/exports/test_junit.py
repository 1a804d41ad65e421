"""JUnit XML, read back by a reader that is not ours."""

from dataclasses import replace

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from gameday.domain.result import CheckResult
from gameday.domain.verdict import Held, Verdict
from gameday.exports.junit import THE_RUN, Junit
from tests.gameday.exports.judged import judged_once
from tests.gameday.reporting.runs import EVERY_RUN
from tests.gameday.reporting.untrusted import HOSTILE


def read(judged):
    (suite,) = JUnitXml.fromstring(Junit().render(judged).encode())
    return suite, {case.name: [type(one) for one in case.result] for case in suite}


def changed(judged, **changes):
    return replace(judged, result=judged.result.model_copy(update=changes))


@pytest.mark.parametrize("name", EVERY_RUN)
def test_one_test_case_a_check_and_one_for_the_run(name):
    judged = judged_once(name)
    suite, cases = read(judged)
    assert len(cases) == 1 + len(judged.result.checks) == suite.tests
    given = [one for found in cases.values() for one in found]
    counted = (suite.failures, suite.errors, suite.skipped)
    assert counted == tuple(given.count(sort) for sort in (Failure, Error, Skipped))
    green = not given
    assert green == (judged.result.verdict is Verdict.PASSED)


def test_a_passed_run_is_green_and_says_where_its_report_is():
    judged = judged_once("passing")
    suite, cases = read(judged)
    assert set(map(tuple, cases.values())) == {()}
    told = {one.name: one.value for one in suite.properties()}
    assert told["gameday.run"] == "7Q2K"
    assert told["gameday.verdict"] == "passed"
    assert told["gameday.report"].endswith("7Q2K/report.html")
    assert suite.time == pytest.approx(62.0)
    assert suite.timestamp == "2026-11-21T10:00:00"


def test_a_no_is_a_failure_with_its_reason_and_the_run_itself_is_none():
    judged = judged_once("failing")
    suite, cases = read(judged)
    assert cases["fallback"] == [Failure]
    assert cases[THE_RUN] == []
    (case,) = [case for case in suite if case.name == "fallback"]
    assert case.result[0].message.startswith("0 answers from secondary")


@pytest.mark.parametrize(
    ("held", "expected"), [(Held.YES, []), (Held.NO, [Failure]), (Held.UNKNOWN, [Error])]
)
def test_each_answer_of_a_check_has_one_result(held, expected):
    check = CheckResult(kind="slo", name="x", held=held, reason="because")
    _, cases = read(changed(judged_once("passing"), checks=(check,)))
    assert cases["slo x"] == expected


@pytest.mark.parametrize(
    "verdict", [Verdict.INCONCLUSIVE, Verdict.ABORTED, Verdict.DIRTY, Verdict.REFUSED]
)
def test_a_run_that_proves_nothing_is_never_green(verdict):
    """Even where every check held."""
    _, cases = read(changed(judged_once("passing"), verdict=verdict, reason="why"))
    assert cases[THE_RUN] == [Error]


def test_of_a_refused_run_every_check_was_skipped():
    judged = judged_once("refused")
    _, cases = read(judged)
    assert cases.pop(THE_RUN) == [Error]
    assert set(map(tuple, cases.values())) <= {(Skipped,)}


@pytest.mark.parametrize("text", [*HOSTILE, "\ufffe\uffff \U0001f600 ]]>"])
def test_any_text_is_well_formed(text):
    check = CheckResult(kind="slo", name="x", held=Held.NO, reason=text)
    suite, cases = read(changed(judged_once("passing"), checks=(check,), title=text))
    assert cases["slo x"] == [Failure]
    assert "\x1b" not in Junit().render(judged_once("passing"))
    assert suite.failures == 1
