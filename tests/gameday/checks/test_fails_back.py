"""The check `fails_back`: from when on the provider serves its share again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gameday.checks.fails_back import FailsBack
from gameday.domain.drill import Requests, Until
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    GONE_AT,
    calls_of,
    planned,
    recovered,
    sample,
    seen,
    transition,
    without,
)

CHECK = FailsBack(within="5s")


def back_after(requests, n=400):
    """Secondary goes on for so many requests, 20 of them a second; then primary serves."""
    return seen(recovered(lambda i: BY_SECONDARY if i < requests else BY_PRIMARY, n=n))


def test_at_once():
    finding = CHECK.judge(seen())
    assert finding.held is Held.YES
    assert finding.reason == (
        "from 0.0 s after the fault was gone primary served 100 % of the good answers (at least "
        "90 %, within 5 s), by its gate's count"
    )


@pytest.mark.parametrize(("requests", "held"), [(99, Held.YES), (100, Held.NO)])
def test_both_sides_of_the_time(requests, held):
    """Two of the first twenty answers may be secondary's; before them, its last one was at 5 s."""
    finding = CHECK.judge(back_after(requests))
    assert finding.held is held
    took = {Held.YES: "from 5.0 s", Held.NO: "from 5.05 s"}[held]
    assert finding.reason.startswith(took)


def test_a_long_calm_afterwards_does_not_make_up_for_coming_late():
    """Of all answers 97 % are primary's, but for the first 8 s none is."""
    finding = CHECK.judge(back_after(160, n=6000))
    assert finding.held is Held.NO
    assert finding.reason.startswith("from 8.1 s after")


@pytest.mark.parametrize(("every", "held"), [(10, Held.YES), (9, Held.NO)])
def test_both_sides_of_the_share(every, held):
    run = seen(recovered(lambda i: BY_SECONDARY if i % every == every - 1 else BY_PRIMARY))
    assert CHECK.judge(run).held is held


def test_it_never_goes_back():
    finding = CHECK.judge(seen(recovered(lambda _: BY_SECONDARY)))
    assert finding.held is Held.NO
    assert finding.reason == (
        "primary served no more than 0 % of 400 good answers after the fault was gone (at least "
        "90 %, within 5 s), by its gate's count"
    )


def test_it_goes_back_and_away_again():
    run = seen(recovered(lambda i: BY_PRIMARY if i < 200 else BY_SECONDARY))
    assert CHECK.judge(run).held is Held.NO


@pytest.mark.parametrize(("after", "held"), [(19, Held.UNKNOWN), (20, Held.NO)])
def test_it_must_be_watched_for_longer_than_the_objective(after, held):
    finding = CHECK.judge(seen(recovered(lambda _: BY_SECONDARY, n=97 + after)))
    assert finding.held is held


@pytest.mark.parametrize(("good", "held"), [(19, Held.UNKNOWN), (20, Held.YES)])
def test_so_many_good_answers_are_needed(good, held):
    assert CHECK.judge(seen(recovered(n=good))).held is held


def test_failed_requests_are_anothers_business():
    run = seen(recovered(lambda i: FAILED if i % 2 else BY_PRIMARY))
    assert CHECK.judge(run).held is Held.YES
    nobody = seen(recovered(lambda _: FAILED))
    assert CHECK.judge(nobody).held is Held.UNKNOWN


def test_the_gate_is_believed_and_not_the_header():
    run = seen(recovered(lambda _: BY_PRIMARY))
    honest = calls_of(run.windows["baseline"], run.windows["faulted"])
    finding = CHECK.judge(replace(run, calls=honest))
    assert finding.held is Held.NO
    assert "no more than 0 %" in finding.reason


@pytest.mark.parametrize("bad", [{"status": 503}, {"whole": False}], ids=str)
def test_a_call_that_came_to_nothing_is_no_service(bad):
    run = seen()
    broken = tuple(one.model_copy(update=bad) for one in run.calls["primary"])
    assert CHECK.judge(replace(run, calls={**run.calls, "primary": broken})).held is Held.NO


@pytest.mark.parametrize("calls", ["none", "nameless"])
def test_without_the_gates_word_the_header_counts_and_it_says_so(calls):
    run = back_after(0)
    nameless = tuple(one.model_copy(update={"request_id": ""}) for one in run.calls["primary"])
    run = replace(run, calls={} if calls == "none" else {"primary": nameless})
    finding = CHECK.judge(run)
    assert finding.held is Held.YES
    assert "by the system's own header, since no" in finding.reason
    never = replace(seen(recovered(lambda _: BY_SECONDARY)), calls={})
    assert CHECK.judge(never).held is Held.NO


def test_unknown_when_nobody_says_who_served():
    run = seen(recovered(lambda _: BY_PRIMARY | {"served_by": None}), calls={})
    finding = CHECK.judge(run)
    assert finding.held is Held.UNKNOWN
    assert finding.reason.startswith("the 400 good answers do not say who served them, and no gate")


def test_those_in_flight_at_the_restore_count():
    late = [
        sample(i, GONE_AT - timedelta(seconds=1), **(BY_SECONDARY | {"latency_ms": 7000.0}))
        for i in range(60)
    ]
    finding = CHECK.judge(seen(transition(*late)))
    assert finding.held is Held.NO
    assert finding.reason.startswith("from 6.0 s")


def test_unknown_without_restore_or_window():
    assert CHECK.judge(seen(restore=None)).held is Held.UNKNOWN
    assert CHECK.judge(without(seen(), "recovered")).held is Held.UNKNOWN


@pytest.mark.parametrize(
    ("spec", "decides"),
    [
        (6.0, True),
        (5.9, False),
        (Until(until="all_good", at_most="6s"), True),
        (Until(until="all_good", at_most="5.9s"), False),
        (Requests(requests=120), True),
        (Requests(requests=119), False),
    ],
    ids=str,
)
def test_the_plan_needs_the_time_and_the_answers(spec, decides):
    assert (CHECK.cannot_decide(planned(recovered=spec)) == "") is decides
