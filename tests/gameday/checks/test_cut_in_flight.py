"""The check `cut_in_flight`: only what was in flight when the fault came counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gameday.checks.cut_in_flight import CutInFlight
from gameday.domain.arrivals import RateCurve
from gameday.domain.offered import Offered
from gameday.domain.sample import Outcome
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_PRIMARY,
    FAILED,
    RESTORE_AT,
    planned,
    sample,
    seen,
    transition,
    without,
)

CHECK = CutInFlight()
CUT = FAILED | {"outcome": Outcome.CUT, "latency_ms": 300.0}


def at_inject(n: int, fields: dict) -> list:
    step = timedelta(microseconds=10)
    return [sample(i, ARMED_AT - i * step, **fields) for i in range(n)]


@pytest.mark.parametrize(("cut", "held"), [(4, "yes"), (40, "yes"), (41, "no")])
def test_both_sides_of_two_seconds_of_traffic(cut, held):
    finding = CHECK.judge(seen(transition(*at_inject(cut, CUT), *at_inject(8, BY_PRIMARY))))
    assert finding.held == held
    assert finding.reason == (
        f"{cut} of {cut + 8} requests in flight were lost at the moment of the fault "
        f"(at most 40, 2 s of traffic)"
    )


def test_what_was_lost_at_the_restore_is_another_matter():
    late = [sample(i, RESTORE_AT, **CUT) for i in range(100)]
    finding = CHECK.judge(seen(transition(*at_inject(2, CUT), *late)))
    assert finding.held is Held.YES
    assert finding.reason.startswith("2 of 2 requests")


def test_nothing_in_flight_is_nothing_lost():
    finding = CHECK.judge(seen(transition()))
    assert finding.held is Held.YES
    assert finding.reason.startswith("0 of 0 requests")


@pytest.mark.parametrize("name", ["baseline", "faulted", "transition"])
def test_unknown_when_nobody_watched(name):
    assert CHECK.judge(without(seen(), name)).held is Held.UNKNOWN


@pytest.mark.parametrize("name", ["baseline", "faulted"])
def test_nothing_in_flight_is_unknown_where_nothing_was_sent(name):
    silent = replace(seen().windows[name], samples=())
    assert CHECK.judge(seen(silent)).held is Held.UNKNOWN


def test_binary_fractions_do_not_take_a_request_away():
    run = replace(seen(transition(*at_inject(29, CUT))), load=Offered(RateCurve(100.0)))
    assert CutInFlight(at_most="290ms").judge(run).held is Held.YES


def test_the_plan_must_allow_one_request():
    assert CutInFlight(at_most="50ms").cannot_decide(planned()) == ""
    assert CutInFlight(at_most="49ms").cannot_decide(planned()) == (
        "at_most 0.049 s is less than one request at 20/s; it must be at least 0.05 s"
    )


def test_while_the_rate_rises_the_traffic_just_before_the_fault_counts():
    load = Offered(RateCurve(20.0, [(20.0, 10.0), (60.0, 10.0)]))  # 60/s when the fault comes
    allowed = 112  # the last 2 s have 52/s to 60/s
    run = seen(transition(*at_inject(allowed, CUT)))
    assert CHECK.judge(replace(run, load=load)).held is Held.YES
    run = seen(transition(*at_inject(allowed + 1, CUT)))
    assert CHECK.judge(replace(run, load=load)).held is Held.NO
