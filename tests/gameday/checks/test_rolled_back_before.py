"""`rolled_back_within`, where the rollback is to whatever was there before an edit."""

from dataclasses import replace
from typing import Any

import pytest

from gameday.checks.rolled_back_within import RolledBackWithin
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_PRIMARY,
    FAILED,
    RESPONSE,
    START,
    STEP,
    responded,
    seen,
    window,
)

CHECK = RolledBackWithin(first_good="5s", all_good="10s")
BEFORE = STEP.model_copy(
    update={
        "kind": "revert_corpus",
        "evidence": STEP.evidence | {"to": "before", "seen_as": "", "goes_before": True},
    }
)


def answer(n: int, *, edited: bool, named: bool = True) -> dict[str, Any]:
    """An eighth of the cases ask for the edited document, and fail while it is edited."""
    asks = n % 40 < 5
    told = {"version": f"corpus-{'b' if edited else 'a'}"} if named else {}
    fails = {"passed": False, "quality": 0.0} if asks and edited else {}
    return {**BY_PRIMARY, **told, **fails}


def run(after: Any, *, named: bool = True):
    baseline = window("baseline", START, 400, lambda n: answer(n, edited=False, named=named))
    faulted = window("faulted", ARMED_AT, 300, lambda n: answer(n, edited=True, named=named))
    given = seen(responded(after), response=replace(RESPONSE, steps=(BEFORE,)))
    return replace(given, windows={**given.windows, "baseline": baseline, "faulted": faulted})


@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
def test_answers_of_before_are_good(named: bool):
    finding = CHECK.judge(run(lambda n: answer(n, edited=False, named=named), named=named))
    assert finding.held is Held.YES
    assert "first_good after" in finding.reason
    assert "in force" not in finding.reason, "the step has ended it"


@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
def test_answers_of_the_edit_are_not(named: bool):
    finding = CHECK.judge(run(lambda n: answer(n, edited=True, named=named), named=named))
    assert finding.held is Held.NO
    assert "no good answer came" in finding.reason


def test_documents_that_are_back_and_an_index_that_is_not():
    """The version that the front door names is the old one again, the answers are not."""
    stale = run(lambda n: answer(n, edited=True) | {"version": "corpus-a"})
    finding = CHECK.judge(stale)
    assert finding.held is Held.NO
    assert "not all answers were good again" in finding.reason


def test_of_nameless_answers_only_those_that_can_tell_are_counted_and_those_that_failed():
    ended = run(lambda n: FAILED if n == 120 else answer(n, edited=False, named=False), named=False)
    finding = RolledBackWithin(all_good="5s").judge(ended)
    assert finding.held is Held.NO
    assert "1 of 40 answers after the call were not good" in finding.reason


def test_where_neither_version_nor_case_tells_nobody_knows():
    nothing = {**BY_PRIMARY}
    given = run(lambda _: nothing, named=False)
    blind = window("faulted", ARMED_AT, 300, lambda _: nothing)
    finding = CHECK.judge(replace(given, windows={**given.windows, "faulted": blind}))
    assert finding.held is Held.UNKNOWN
    assert "neither a gate nor the cases tell" in finding.reason
