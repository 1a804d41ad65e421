"""Which samples met the fault, and which came after it."""

from datetime import timedelta

from gameday.checks._met import after_restore, left_during, met_fault, were_sent
from gameday.domain.sample import Outcome
from tests.gameday.checks.staged import (
    ARMED_AT,
    GONE_AT,
    RESTORE_AT,
    baseline,
    faulted,
    leaver,
    left,
    recovered,
    sample,
    seen,
    transition,
    without,
)

MS = timedelta(milliseconds=1)
EDGES = transition(
    sample(1, ARMED_AT - 300 * MS),  # over before the fault
    sample(2, ARMED_AT - 200 * MS),  # over at its moment
    sample(3, RESTORE_AT - MS),
    sample(4, RESTORE_AT),
    sample(5, GONE_AT - 201 * MS),  # over before the fault was gone
    sample(6, GONE_AT - 200 * MS),
)
RUN = seen(EDGES, baseline(n=1), faulted(n=1), recovered(n=1))


def test_who_met_the_fault():
    assert sorted(one.seq for one in met_fault(RUN, ARMED_AT)) == [0, 2, 3]
    still_there = seen(EDGES, faulted(n=1), restore=None)
    assert sorted(one.seq for one in met_fault(still_there, ARMED_AT)) == [0, 2, 3, 4, 5, 6]


def test_who_came_after_it():
    assert [one.seq for one in after_restore(RUN, GONE_AT)] == [6, 0]


def test_who_left_in_a_stretch():
    run = seen(left(leaver(1, ARMED_AT), leaver(2, RESTORE_AT)))
    assert [one.seq for one in left_during(run, ARMED_AT, RESTORE_AT)] == [1]
    assert left_during(without(run, "left"), ARMED_AT, RESTORE_AT) == []


def test_what_was_never_sent():
    window = faulted(lambda i: {"outcome": Outcome.UNSENT} if i == 1 else {}, n=3)
    assert [one.seq for one in were_sent(window.samples)] == [0, 2]
