"""The check `fallback`: from both sides of each of its bounds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gameday.checks.fallback import Fallback
from gameday.domain.record import ServedEntry
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    REFUSED,
    RESTORE_AT,
    TARGET,
    baseline,
    call,
    calls_of,
    faulted,
    log_of,
    planned,
    recovered,
    sample,
    seen,
    transition,
    window,
    without,
)

CHECK = Fallback(to="secondary", within="2s")


def test_says_when_the_first_good_answer_came():
    finding = CHECK.judge(seen())
    assert finding.held is Held.YES
    assert finding.reason == "first good answer from secondary after 0.20 s (objective 2 s), 1 hop"


def test_a_request_in_flight_at_the_fault_may_be_the_first_good_one():
    begun = sample(0, ARMED_AT - timedelta(seconds=1), latency_ms=1100.0, **BY_SECONDARY)
    finding = CHECK.judge(seen(transition(begun)))
    assert "after 0.10 s" in finding.reason


def test_an_answer_that_was_whole_before_the_fault_does_not_count():
    before = sample(0, ARMED_AT - timedelta(seconds=1), **BY_SECONDARY)
    finding = CHECK.judge(seen(transition(before)))
    assert "after 0.20 s" in finding.reason


@pytest.mark.parametrize(
    ("first_good_at_s", "held"), [(1.8, Held.YES), (1.85, Held.NO), (5.0, Held.NO)]
)
def test_within_counts_from_the_confirmed_fault(first_good_at_s, held):
    silent = round(first_good_at_s * 20)
    run = seen(faulted(lambda i: FAILED if i < silent else BY_SECONDARY))
    finding = CHECK.judge(run)
    assert finding.held is held
    assert f"after {first_good_at_s + 0.2:.2f} s (objective 2 s)" in finding.reason


def test_nobody_answered():
    finding = CHECK.judge(seen(faulted(lambda _: FAILED, n=200)))
    assert finding.held is Held.NO
    assert finding.reason == "no answer from secondary in 200 requests (objective: within 2 s)"


def test_nobody_answered_but_there_was_no_time_to():
    finding = CHECK.judge(seen(faulted(lambda _: FAILED, n=30)))
    assert finding.held is Held.UNKNOWN


def test_somebody_else_answered():
    finding = CHECK.judge(seen(faulted(lambda _: BY_PRIMARY, n=200)))
    assert finding.held is Held.NO
    assert finding.reason.endswith("; primary served 200")


@pytest.mark.parametrize(("by_primary", "held"), [(30, Held.YES), (31, Held.NO)])
def test_at_least_95_of_100_good_answers_come_from_the_fallback(by_primary, held):
    run = seen(faulted(lambda i: BY_PRIMARY if i > 600 - 1 - by_primary else BY_SECONDARY))
    finding = CHECK.judge(run)
    assert finding.held is held
    if held is Held.NO:
        assert "only 569 of 600 good answers" in finding.reason


def test_answers_after_the_restore_began_are_not_the_faults():
    late = [sample(i, RESTORE_AT + timedelta(milliseconds=i), **BY_PRIMARY) for i in range(300)]
    assert CHECK.judge(seen(transition(*late))).held is Held.YES


@pytest.mark.parametrize(("max_hops", "held"), [(1, Held.NO), (2, Held.YES)])
def test_hops(max_hops, held):
    twice = {**BY_SECONDARY, "attempts": (REFUSED, *BY_SECONDARY["attempts"])}
    check = Fallback(to="secondary", within="2s", max_hops=max_hops)
    finding = check.judge(seen(faulted(lambda i: twice if i == 300 else BY_SECONDARY)))
    assert finding.held is held
    assert "2 hops" in finding.reason


def test_a_front_door_that_names_no_attempts_leaves_the_hops_unknown():
    silent = {**BY_SECONDARY, "attempts": ()}
    assert CHECK.judge(seen(faulted(lambda _: silent))).held is Held.UNKNOWN


def test_where_every_provider_has_a_gate_the_gates_tell_the_hops():
    told = faulted(lambda _: BY_SECONDARY)
    silent = faulted(lambda _: {**BY_SECONDARY, "attempts": ()})
    run = seen(silent, calls=calls_of(baseline(), told, recovered()))
    finding = CHECK.judge(run)
    assert finding.held is Held.YES
    assert finding.reason.endswith("(objective 2 s), 1 hop, as the gates counted")
    again = [call("secondary", request, 9.0) for request in told.samples[300:301]]
    more = {**run.calls, "secondary": (*run.calls["secondary"], *again)}
    long = CHECK.judge(seen(silent, calls=more))
    assert long.held is Held.NO
    assert "2 hops (primary -> secondary -> secondary)" in long.reason
    half = {"primary": run.calls["primary"]}
    assert CHECK.judge(seen(silent, calls=half)).held is Held.UNKNOWN


def test_a_front_door_that_names_nobody_leaves_it_unknown():
    nameless = {**BY_SECONDARY, "served_by": None}
    finding = CHECK.judge(seen(faulted(lambda _: nameless)))
    assert finding.held is Held.UNKNOWN
    assert finding.reason == "the 600 good answers do not say who served them"
    some = CHECK.judge(seen(faulted(lambda i: nameless if i > 300 else BY_SECONDARY)))
    assert some.held is Held.NO


def test_the_providers_own_log_agrees():
    run = seen(faulted())
    assert CHECK.judge(replace(run, served_log=log_of(run.windows["faulted"]))).held is Held.YES


def test_the_header_lies():
    strangers = tuple(
        ServedEntry(request_id=f"other-{i}", at=ARMED_AT, outcome="ok") for i in range(600)
    )
    finding = CHECK.judge(seen(faulted(n=240), served_log={"secondary": strangers}))
    assert finding.held is Held.NO
    assert finding.reason == (
        "the header says secondary, but secondary's own log has none of those 240 requests"
    )


def test_an_empty_log_is_a_log():
    assert CHECK.judge(seen(served_log={"secondary": ()})).held is Held.NO


@pytest.mark.parametrize(("missing", "held"), [(12, Held.YES), (13, Held.NO)])
def test_a_few_requests_may_be_missing_at_the_edges_of_the_log(missing, held):
    log = log_of(faulted())["secondary"][missing:]
    finding = CHECK.judge(seen(faulted(), served_log={"secondary": log}))
    assert finding.held is held


def test_answers_without_ids_cannot_be_looked_up():
    nameless = faulted(lambda _: {**BY_SECONDARY, "request_id": ""})
    finding = CHECK.judge(seen(nameless, served_log={"secondary": ()}))
    assert finding.held is Held.UNKNOWN


def test_unknown_without_the_window():
    assert CHECK.judge(without(seen(), "faulted")).held is Held.UNKNOWN
    assert CHECK.judge(seen(window("faulted", ARMED_AT, 0, lambda _: {}))).held is Held.UNKNOWN


def test_the_planned_window_must_outlast_the_objective():
    assert CHECK.cannot_decide(planned(faulted=3.0)) == ""
    assert CHECK.cannot_decide(planned(faulted=2.9)) == (
        "the faulted window must last at least 3 s, 1 s beyond the objective; it is 2.9 s"
    )
    assert "no provider 'third'" in Fallback(to="third", within="2s").cannot_decide(planned())
    assert set(TARGET.providers) == {"primary", "secondary"}
