"""The check `deadline`: whatever the end is, it must come in time."""

from datetime import timedelta

import pytest

from gameday.checks.deadline import Deadline
from gameday.domain.front_door import FrontDoor
from gameday.domain.sample import Outcome
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_SECONDARY,
    FAILED,
    RESTORE_AT,
    TARGET,
    faulted,
    leaver,
    left,
    planned,
    sample,
    seen,
    transition,
    without,
)

CHECK = Deadline(at_most="2s")


@pytest.mark.parametrize("usual", [BY_SECONDARY, FAILED], ids=["answers", "errors"])
@pytest.mark.parametrize(("slowest_ms", "held"), [(2000.0, Held.YES), (2001.0, Held.NO)])
def test_one_request_that_ends_late_is_enough(usual, slowest_ms, held):
    slow = usual | {"latency_ms": slowest_ms}
    finding = CHECK.judge(seen(faulted(lambda i: slow if i == 300 else usual)))
    assert finding.held is held
    late = int(held is Held.NO)
    shown = "2.001" if late else "2.00"
    assert finding.reason == (
        f"{late} of 600 requests ended later than 2 s after they were due, the slowest after "
        f"{shown} s (objective 2 s)"
    )


@pytest.mark.parametrize(("late", "held"), [(6, Held.YES), (7, Held.NO)])
def test_a_share_may_be_allowed_to_be_late(late, held):
    hung = FAILED | {"outcome": Outcome.TIMEOUT, "latency_ms": 30_000.0}
    run = seen(faulted(lambda i: hung if i < late else BY_SECONDARY))
    finding = Deadline(at_most="2s", share=0.99).judge(run)
    assert finding.held is held
    assert finding.reason.endswith("30.00 s (objective 2 s, for at least 0.99 of them)")


def test_those_in_flight_when_the_fault_came_count():
    before = sample(0, ARMED_AT - timedelta(seconds=1), **(FAILED | {"latency_ms": 3000.0}))
    assert CHECK.judge(seen(transition(before))).held is Held.NO


def test_those_that_began_after_its_restore_do_not_count():
    after = sample(0, RESTORE_AT + timedelta(seconds=1), **(FAILED | {"latency_ms": 3000.0}))
    assert CHECK.judge(seen(transition(after))).held is Held.YES


def test_clients_who_left_and_requests_that_were_never_sent_do_not_count():
    never = FAILED | {"outcome": Outcome.UNSENT, "latency_ms": 9000.0}
    patient = left(*(leaver(seq, latency_ms=9000.0) for seq in range(9)))
    run = seen(faulted(lambda i: never if i == 0 else BY_SECONDARY), patient)
    finding = CHECK.judge(run)
    assert finding.held is Held.YES
    assert "0 of 599 requests" in finding.reason


@pytest.mark.parametrize(("n", "held"), [(19, Held.UNKNOWN), (20, Held.YES)])
def test_too_few_requests_are_unknown(n, held):
    assert CHECK.judge(seen(faulted(n=n))).held is held


def test_one_late_request_is_a_no_however_few_there_are():
    slow = seen(faulted(lambda _: BY_SECONDARY | {"latency_ms": 2500.0}, n=1))
    assert CHECK.judge(slow).held is Held.NO


def test_unknown_without_a_request():
    never = faulted(lambda _: FAILED | {"outcome": Outcome.UNSENT})
    assert CHECK.judge(seen(never)).held is Held.UNKNOWN
    assert CHECK.judge(without(seen(), "faulted")).held is Held.UNKNOWN


@pytest.mark.parametrize(("faulted_s", "decides"), [(2.0, True), (1.9, False)])
def test_the_plan_needs_requests(faulted_s, decides):
    assert (CHECK.cannot_decide(planned(faulted=faulted_s)) == "") is decides


def test_a_load_that_gives_up_sooner_could_never_see_it():
    short = TARGET.model_copy(update={"front_door": FrontDoor(timeout="2s")})
    assert CHECK.cannot_decide(planned(target=short)) == (
        "the load itself gives up after 2 s (front_door.timeout), so no request could be seen to "
        "take longer than 2 s"
    )
    longer = TARGET.model_copy(update={"front_door": FrontDoor(timeout="2100ms")})
    assert CHECK.cannot_decide(planned(target=longer)) == ""
