"""The check `recovered_within`: the last bad answer, then enough good ones."""

from datetime import timedelta

import pytest

from gameday.checks.recovered_within import RecoveredWithin
from gameday.domain.drill import Requests, Until
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    GONE_AT,
    planned,
    recovered,
    sample,
    seen,
    transition,
    without,
)

CHECK = RecoveredWithin(objective="5s")


def test_at_once():
    finding = CHECK.judge(seen())
    assert finding.held is Held.YES
    assert finding.reason == (
        "primary served well again 0.0 s after the fault was gone (objective 5 s)"
    )


@pytest.mark.parametrize("bad", [FAILED, BY_SECONDARY], ids=["failed", "served by another"])
@pytest.mark.parametrize(("requests", "took_s", "held"), [(97, "5.0", "yes"), (98, "5.05", "no")])
def test_until_the_last_bad_answer(bad, requests, took_s, held):
    run = seen(recovered(lambda i: bad if i < requests else BY_PRIMARY))
    finding = CHECK.judge(run)
    assert finding.held == held
    assert f"served well again {took_s} s after" in finding.reason


def test_one_late_bad_answer_counts():
    run = seen(recovered(lambda i: FAILED if i == 200 else BY_PRIMARY))
    assert "10.2 s after" in CHECK.judge(run).reason
    assert CHECK.judge(run).held is Held.NO


def test_requests_in_flight_at_the_restore_count():
    late = sample(0, GONE_AT - timedelta(seconds=1), latency_ms=2500.0, **BY_SECONDARY)
    early = sample(1, GONE_AT - timedelta(seconds=5), **FAILED)
    finding = CHECK.judge(seen(transition(early, late)))
    assert "1.5 s after" in finding.reason


def test_it_never_comes_back():
    finding = CHECK.judge(seen(recovered(lambda _: BY_SECONDARY)))
    assert finding.held is Held.NO
    assert "primary did not serve 20 good answers in a row within 20 s" in finding.reason
    assert "served by: secondary 400" in finding.reason


@pytest.mark.parametrize(("good", "held"), [(19, Held.UNKNOWN), (20, Held.YES)])
def test_so_many_good_answers_in_a_row_settle_it(good, held):
    check = RecoveredWithin(objective="19.2s")
    run = seen(recovered(lambda i: FAILED if i < 400 - good else BY_PRIMARY))
    assert check.judge(run).held is held


def test_it_was_not_watched_for_long_enough():
    finding = CHECK.judge(seen(recovered(lambda _: BY_SECONDARY, n=60)))
    assert finding.held is Held.UNKNOWN


@pytest.mark.parametrize(("bad", "held"), [(97, Held.UNKNOWN), (98, Held.NO)])
def test_unsettled_is_a_no_once_a_bad_answer_came_after_the_objective(bad, held):
    run = seen(recovered(lambda i: FAILED if i < bad else BY_PRIMARY, n=bad + 19))
    assert CHECK.judge(run).held is held


def test_a_front_door_that_names_nobody_leaves_it_unknown():
    finding = CHECK.judge(seen(recovered(lambda _: BY_PRIMARY | {"served_by": None})))
    assert finding.held is Held.UNKNOWN
    assert finding.reason == "the 400 good answers do not say who served them"


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
        (Until(until="all_good", at_most="6s", good_in_a_row=21), False),
        (Requests(requests=120), True),
        (Requests(requests=119), False),
    ],
    ids=str,
)
def test_the_plan_needs_the_objective_and_the_good_ones(spec, decides):
    assert (CHECK.cannot_decide(planned(recovered=spec)) == "") is decides


def test_of_a_fault_on_no_provider_who_served_before_must_serve_again():
    back = CHECK.judge(seen(faulted_provider=""))
    assert back.held is Held.YES
    assert back.reason.startswith("primary served well again")
    away = CHECK.judge(seen(recovered(lambda _: BY_SECONDARY), faulted_provider=""))
    assert away.held is Held.NO
    assert "primary did not serve" in away.reason
