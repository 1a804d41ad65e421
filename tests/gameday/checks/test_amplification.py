"""The check `amplification`: what the gate counted, never what the system says."""

from dataclasses import replace

import pytest

from gameday.checks.amplification import Amplification
from gameday.domain.sample import Attempt, Outcome
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    GONE_AT,
    baseline,
    call,
    calls_of,
    faulted,
    leaver,
    left,
    planned,
    recovered,
    seen,
    target,
    without,
)

CHECK = Amplification()
ERROR = Attempt(provider="primary", outcome=Outcome.HTTP_ERROR, elapsed_ms=5)


def counted(extra, *, run=None):
    """A run in which each faulted request causes `extra(i)` calls at primary beside those told."""
    run = run or seen(left())
    more = [
        call("primary", request, 10.0 + n, status=503, whole=False)
        for i, request in enumerate(run.windows["faulted"].samples)
        for n in range(extra(i))
    ]
    return replace(run, calls={**run.calls, "primary": (*run.calls["primary"], *more)})


@pytest.mark.parametrize(("more", "held"), [(120, Held.YES), (121, Held.NO)])
def test_both_sides_of_the_bound(more, held):
    finding = CHECK.judge(counted(lambda i: int(i < more)))
    assert finding.held is held
    shown = "1.20" if held is Held.YES else "1.202"
    assert finding.reason == (
        f"{shown} calls at primary for each request (at most 1.2): its gate saw {600 + more} for "
        "600 requests while the fault was there"
    )


def test_the_header_has_no_say():
    """It tells of one attempt a request; the gate saw three."""
    finding = CHECK.judge(counted(lambda _: 2))
    assert finding.held is Held.NO
    assert finding.reason.startswith("3.00 calls at primary")


def test_the_calls_of_clients_who_left_count_and_so_do_the_clients():
    leavers = left(*(leaver(seq) for seq in range(400)))
    run = seen(leavers)
    ghosts = [call("primary", one, n) for one in leavers.samples for n in range(4)]
    calls = {**run.calls, "primary": (*run.calls["primary"], *ghosts)}
    finding = CHECK.judge(replace(run, calls=calls))
    assert finding.held is Held.NO
    assert "its gate saw 2200 for 1000 requests" in finding.reason


def test_who_left_in_another_window_does_not_count():
    leavers = left(*(leaver(seq, GONE_AT) for seq in range(400)))
    assert "for 600 requests" in CHECK.judge(seen(leavers)).reason


def test_other_windows_and_other_peoples_calls_do_not_count():
    run = seen(left(), baseline(lambda _: BY_PRIMARY | {"attempts": (ERROR,) * 5}))
    strangers = tuple(
        one.model_copy(update={"request_id": f"theirs-{n}"})
        for n, one in enumerate(run.calls["primary"])
    )
    calls = {**run.calls, "primary": (*run.calls["primary"], *strangers)}
    assert CHECK.judge(replace(run, calls=calls)).reason.startswith("1.00 calls at primary")


def test_a_breaker_that_spares_the_provider_is_none_at_all():
    spared = BY_SECONDARY | {"attempts": BY_SECONDARY["attempts"][1:]}
    finding = CHECK.judge(seen(left(), faulted(lambda _: spared)))
    assert finding.held is Held.YES
    assert finding.reason.startswith("0.00 calls at primary")


@pytest.mark.parametrize(("lost", "held"), [(12, Held.YES), (13, Held.UNKNOWN)])
def test_calls_that_never_came_to_the_gate_are_not_none(lost, held):
    run = seen(left())
    ids = {sample.request_id for sample in run.windows["faulted"].samples[:lost]}
    came = tuple(one for one in run.calls["primary"] if one.request_id not in ids)
    finding = CHECK.judge(replace(run, calls={**run.calls, "primary": came}))
    assert finding.held is held
    if held is Held.UNKNOWN:
        assert finding.reason.endswith(
            "but the system tells of 13 more; a call that is lost before the gate cannot be "
            "counted there"
        )


def test_every_faulted_provider_is_judged_alone_and_the_worst_counts():
    one_each = counted(lambda i: int(i < 300))
    both = replace(one_each, faulted_providers=("secondary", "primary"))
    finding = CHECK.judge(both)
    assert finding.held is Held.NO
    assert finding.reason.startswith("1.50 calls at primary")
    assert "secondary" not in finding.reason
    assert Amplification(provider="secondary").judge(both).held is Held.YES
    blind = replace(both, calls={"secondary": both.calls["secondary"]})
    assert CHECK.judge(blind).held is Held.UNKNOWN
    calm = replace(seen(left()), faulted_providers=("secondary", "primary"))
    reason = CHECK.judge(calm).reason
    assert "at secondary" in reason
    assert "; 1.00 calls at primary" in reason


def test_a_run_that_names_only_its_first_fault():
    run = replace(counted(lambda _: 1), faulted_providers=())
    assert CHECK.judge(run).held is Held.NO


def test_requests_that_were_never_sent_do_not_thin_it_out():
    never = FAILED | {"outcome": Outcome.UNSENT, "attempts": ()}
    twice = BY_SECONDARY | {"attempts": (ERROR, *BY_SECONDARY["attempts"])}
    finding = CHECK.judge(seen(left(), faulted(lambda i: never if i % 2 else twice)))
    assert finding.held is Held.NO
    assert finding.reason.startswith("2.00 calls")


def test_unknown_where_no_gate_is():
    finding = CHECK.judge(seen(calls={"secondary": ()}))
    assert finding.held is Held.UNKNOWN
    assert finding.reason.startswith("no gate counted the calls at primary; put the gate before")


def test_unknown_where_the_gate_saw_nobody():
    finding = CHECK.judge(seen(calls={"primary": ()}))
    assert finding.held is Held.UNKNOWN
    assert finding.reason.startswith("the gate saw no call at primary in the whole run")


def test_unknown_where_no_call_tells_whose_it_is():
    calls = calls_of(baseline(), faulted(), recovered())
    nameless = tuple(one.model_copy(update={"request_id": ""}) for one in calls["primary"])
    finding = CHECK.judge(seen(calls={**calls, "primary": nameless}))
    assert finding.held is Held.UNKNOWN
    assert finding.reason == (
        "none of the 1400 calls that the gate saw at primary carries the id of a request of this "
        "run; let the system pass x-request-id on to its providers, or name in front_door.marker "
        "a header or body field that it passes on"
    )


@pytest.mark.parametrize(("n", "held"), [(19, Held.UNKNOWN), (20, Held.YES)])
def test_too_few_requests_are_unknown(n, held):
    assert CHECK.judge(seen(left(), faulted(n=n))).held is held


def test_unknown_without_the_window():
    assert CHECK.judge(without(seen(), "faulted")).held is Held.UNKNOWN


def test_the_plan_needs_requests_and_a_gate():
    assert CHECK.cannot_decide(planned(faulted=2.0)) == ""
    assert "faulted window has 38 requests" in CHECK.cannot_decide(planned(faulted=1.9))
    bare = planned(target=target(primary={"gate": None}))
    said = "nobody counts the calls at primary: the target names no `gate:` for it"
    assert CHECK.cannot_decide(bare) == said
    assert Amplification(provider="secondary").cannot_decide(bare) == ""
    third = Amplification(provider="third").cannot_decide(planned())
    assert third == "the target has no provider 'third'"
