"""The check `zombie_calls`: calls that begin for nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gameday.checks.zombie_calls import ZombieCalls
from gameday.domain.drill import Requests
from gameday.domain.sample import Outcome
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_SECONDARY,
    FAILED,
    GONE_AT,
    START,
    call,
    faulted,
    leaver,
    left,
    planned,
    seen,
    target,
    without,
)

CHECK = ZombieCalls()
LEAVERS = left(*(leaver(seq) for seq in range(60)))  # each leaves a second after it had asked


def haunted(*after_ms, provider="secondary", leavers=LEAVERS):
    """One call for each of the first leavers, so long after it had asked."""
    run = seen(leavers)
    ghosts = [call(provider, one, ms) for one, ms in zip(leavers.samples, after_ms, strict=False)]
    return replace(run, calls={**run.calls, provider: (*run.calls[provider], *ghosts)})


@pytest.mark.parametrize(("after_ms", "held"), [(1100.0, Held.YES), (1101.0, Held.NO)])
def test_both_sides_of_the_grace(after_ms, held):
    finding = CHECK.judge(haunted(after_ms))
    assert finding.held is held


def test_the_sentence_says_where_and_how_late():
    finding = CHECK.judge(haunted(1500.0, 5200.0, 900.0))
    assert finding.held is Held.NO
    assert finding.reason == (
        "2 calls began after their clients had left (60 left; at most 0, later than 0.1 s after), "
        "at secondary, the last of them 4.2 s after"
    )


@pytest.mark.parametrize(("calls", "held"), [(3, Held.YES), (4, Held.NO)])
def test_some_may_be_allowed(calls, held):
    assert ZombieCalls(at_most=3).judge(haunted(*[2000.0] * calls)).held is held


def test_a_longer_grace():
    assert ZombieCalls(grace="2s").judge(haunted(2900.0)).held is Held.YES


def test_a_call_that_began_before_may_last_as_long_as_it_likes():
    late_end = call("primary", LEAVERS.samples[0], 500.0, ended_at=GONE_AT)
    run = seen(LEAVERS)
    calls = {**run.calls, "primary": (*run.calls["primary"], late_end)}
    assert CHECK.judge(replace(run, calls=calls)).held is Held.YES


def test_a_client_that_ran_out_of_patience_has_left_too():
    hung = FAILED | {"outcome": Outcome.TIMEOUT, "latency_ms": 3000.0, "attempts": ()}
    run = seen(left(), faulted(lambda i: hung if i < 30 else BY_SECONDARY))
    assert CHECK.judge(run).held is Held.YES
    first = run.windows["faulted"].samples[0]
    calls = {**run.calls, "primary": (*run.calls["primary"], call("primary", first, 3200.0))}
    finding = CHECK.judge(replace(run, calls=calls))
    assert finding.held is Held.NO
    assert "(30 left;" in finding.reason


def test_who_left_before_the_fault_proves_nothing():
    early = left(*(leaver(seq, START) for seq in range(60)))
    finding = CHECK.judge(haunted(5000.0, leavers=early))
    assert finding.held is Held.UNKNOWN
    assert finding.reason == "no client left while the fault was there"


@pytest.mark.parametrize(("n", "held"), [(4, Held.UNKNOWN), (5, Held.YES)])
def test_a_few_who_left_are_too_few(n, held):
    leavers = left(*(leaver(seq) for seq in range(n)))
    assert CHECK.judge(seen(leavers)).held is held
    assert CHECK.judge(haunted(5000.0, leavers=leavers)).held is Held.NO


def test_a_provider_without_a_gate_may_have_got_them():
    run = haunted()
    one = replace(run, calls={"primary": run.calls["primary"]})
    finding = CHECK.judge(one)
    assert finding.held is Held.UNKNOWN
    assert finding.reason.endswith("but no gate counts the calls at secondary")
    seen_there = haunted(5000.0, provider="primary")
    there = {"primary": seen_there.calls["primary"]}
    assert CHECK.judge(replace(seen_there, calls=there)).held is Held.NO


def test_unknown_without_gate_id_or_window():
    assert CHECK.judge(seen(calls={})).held is Held.UNKNOWN
    run = seen()
    nameless = {
        name: tuple(one.model_copy(update={"request_id": ""}) for one in calls)
        for name, calls in run.calls.items()
    }
    finding = CHECK.judge(replace(run, calls=nameless))
    assert finding.held is Held.UNKNOWN
    assert "let the system pass x-request-id on" in finding.reason
    assert CHECK.judge(without(seen(), "faulted")).held is Held.UNKNOWN
    assert CHECK.judge(without(seen(), "left")).held is Held.UNKNOWN


def test_a_leaver_at_the_edge_of_the_window():
    ends_at = seen().windows["faulted"].ended_at
    last = left(*(leaver(seq, ends_at - timedelta(milliseconds=1)) for seq in range(9)))
    assert CHECK.judge(seen(last)).held is Held.YES
    after = left(*(leaver(seq, ends_at) for seq in range(9)))
    assert CHECK.judge(seen(after)).held is Held.UNKNOWN
    first = left(*(leaver(seq, ARMED_AT) for seq in range(9)))
    assert CHECK.judge(seen(first)).held is Held.YES


@pytest.mark.parametrize(
    ("spec", "decides"),
    [(2.25, True), (2.2, False), (Requests(requests=45), True), (Requests(requests=44), False)],
    ids=str,
)
def test_the_plan_needs_so_many_who_leave(spec, decides):
    sentence = CHECK.cannot_decide(planned(faulted=spec, hang_up_share=0.2))
    assert (sentence == "") is decides
    if not decides:
        assert sentence == (
            "a share of 0.2 leaves 5 clients in 2.2 s at 20/s; the faulted window has 44 requests"
        )


def test_the_plan_needs_a_load_that_hangs_up_and_gates():
    assert CHECK.cannot_decide(planned(hang_up_share=0.0)) == (
        "no client leaves; add `hang_up: {after: 1s, share: 0.2}` to the load"
    )
    bare = planned(target=target(secondary={"gate": None}), hang_up_share=0.2)
    assert "nobody counts the calls at secondary" in CHECK.cannot_decide(bare)
