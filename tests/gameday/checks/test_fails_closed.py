"""The check `fails_closed`: what was touched owns up or fails openly, and nothing else is asked."""

from typing import Any

import pytest

from gameday.catalog.kinds import scorers
from gameday.checks.fails_closed import FailsClosed
from gameday.domain.check import Seen
from gameday.domain.lease import FaultRecord
from gameday.domain.scorer import Answered
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    FAILED,
    faulted,
    planned,
    seen,
    without,
)
from tests.gameday.faults.judged import record

CHECK = FailsClosed(says=("cannot be looked up", "could not find"))
OWNED_UP = BY_PRIMARY | {"seals": {"fails_closed": 1.0}}
MADE_UP = BY_PRIMARY | {"seals": {"fails_closed": 0.0}}
UNSEALED = BY_PRIMARY | {"seals": {}}
TOUCHED = 40


def fault(*ids: str) -> FaultRecord:
    return record(gate_at_clear={"hits": len(ids), "matches": 99, "request_ids": ids})


def run(make: Any, touched: int = TOUCHED) -> Seen:
    """Every request is `make`'s; the gate has touched the calls of the first `touched`."""
    window = faulted(make)
    ids = [sample.request_id for sample in window.samples][:touched]
    return seen(window, faults=(fault(*ids),))


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("Order TW-1 cannot be looked up right now.", 1.0),
        ("I Could Not Find that.", 1.0),
        ("It is on its way.", 0.0),
        ("", 0.0),
    ],
)
def test_what_owns_up_is_told_by_its_words(answer: str, score: float):
    (spec,) = CHECK.seals().values()
    assert scorers.make(spec).score(Answered(answer)) == score


def test_all_of_them_own_up():
    finding = CHECK.judge(run(lambda _: OWNED_UP))
    assert finding.held is Held.YES
    assert finding.reason == (
        "0 of 40 requests whose calls were changed got an answer as if nothing were missing "
        "(100.0 % owned up or failed openly, at least 100 % must); 0 failed openly"
    )


def test_one_that_is_made_up_is_a_no():
    finding = CHECK.judge(run(lambda i: MADE_UP if i == 7 else OWNED_UP))
    assert finding.held is Held.NO
    assert "1 of 40" in finding.reason


def test_an_open_failure_is_closed_too():
    finding = CHECK.judge(run(lambda i: FAILED if i % 2 else OWNED_UP))
    assert finding.held is Held.YES
    assert finding.reason.endswith("20 failed openly")


def test_nothing_is_asked_of_requests_whose_calls_were_not_changed():
    assert CHECK.judge(run(lambda i: MADE_UP if i >= TOUCHED else OWNED_UP)).held is Held.YES


@pytest.mark.parametrize(("made_up", "held"), [(4, Held.YES), (5, Held.NO)])
def test_both_sides_of_a_share(made_up: int, held: Held):
    check = FailsClosed(says=CHECK.says, at_least=0.9)
    assert check.judge(run(lambda i: MADE_UP if i < made_up else OWNED_UP)).held is held


@pytest.mark.parametrize(("touched", "held"), [(19, Held.UNKNOWN), (20, Held.YES)])
def test_few_tell_no_habit(touched: int, held: Held):
    finding = CHECK.judge(run(lambda _: OWNED_UP, touched))
    assert finding.held is held


def test_few_can_be_a_no():
    assert CHECK.judge(run(lambda _: MADE_UP, 1)).held is Held.NO


@pytest.mark.parametrize("faults", [(), (record(),), (fault(),), (fault("of-nobody"),)])
def test_where_no_id_ties_a_call_to_a_request_nobody_knows(faults: tuple[FaultRecord, ...]):
    finding = CHECK.judge(seen(faulted(lambda _: MADE_UP), faults=faults))
    assert finding.held is Held.UNKNOWN
    assert "let x-request-id or the drill's mark through" in finding.reason


def test_answers_that_were_not_looked_at_may_be_made_up():
    finding = CHECK.judge(run(lambda i: UNSEALED if i == 3 else OWNED_UP))
    assert finding.held is Held.UNKNOWN
    assert "1 of 40 answers that ended well were not looked at" in finding.reason


def test_without_the_window_nobody_knows():
    assert CHECK.judge(without(run(lambda _: OWNED_UP), "faulted")).held is Held.UNKNOWN


def test_it_needs_requests():
    assert CHECK.cannot_decide(planned()) == ""
    assert "20 requests" in CHECK.cannot_decide(planned(faulted=1.0))
