"""The check `headroom`: which limit the peak meets, and unknown where nobody can tell."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gameday.checks.headroom import Headroom
from gameday.domain.arrivals import RateCurve
from gameday.domain.offered import Offered
from gameday.domain.sample import Attempt, Outcome
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    REFUSED,
    TARGET,
    calls_of,
    faulted,
    planned,
    seen,
)

CHECK = Headroom.model_validate({"provider": "secondary", "peak": "20/s"})
SECOND_FAILED = FAILED | {
    "attempts": (REFUSED, Attempt(provider="secondary", outcome=Outcome.TIMEOUT, elapsed_ms=900)),
}
CARRIED = BY_SECONDARY | {"tokens_in": 300, "tokens_out": 20}


def run(make=lambda _: CARRIED, n=600, **call_fields):
    """A run whose secondary's gate saw each of its calls, with these fields of their own."""
    window = faulted(make, n)
    calls = calls_of(window)
    changed = tuple(call.model_copy(update=call_fields) for call in calls["secondary"])
    return seen(window, calls={**calls, "secondary": changed})


def test_a_fallback_with_room_carries_the_peak():
    finding = CHECK.judge(run())
    assert finding.held is Held.YES
    assert finding.reason == (
        "secondary carried 20/s: p95 200 ms of 600 answers (objective 1,000 ms); it allows 12,000 "
        "requests (1,200 are needed) and 8,000,000 tokens (384,000 are needed) a minute"
    )


@pytest.mark.parametrize(("allowed", "held"), [(1200, Held.YES), (1199, Held.NO)])
def test_a_limit_of_requests_is_met_before_it_is_used_up(allowed, held):
    finding = CHECK.judge(run(requests_max=allowed, requests_left=600))
    assert finding.held is held
    assert held is Held.YES or finding.reason == (
        "secondary allows 1,199 requests a minute by its own headers, and 20/s need 1,200"
    )


@pytest.mark.parametrize(("allowed", "held"), [(384_000, Held.YES), (383_999, Held.NO)])
def test_a_limit_of_tokens_is_held_against_what_answers_take(allowed, held):
    finding = CHECK.judge(run(tokens_max=allowed))
    assert finding.held is held
    assert held is Held.YES or "383,999 tokens a minute by its own headers" in finding.reason


def test_the_lowest_limit_that_was_told_counts():
    window = faulted(lambda _: CARRIED)
    calls = calls_of(window)
    one = (calls["secondary"][0].model_copy(update={"requests_max": 60}),)
    finding = CHECK.judge(seen(window, calls={**calls, "secondary": one + calls["secondary"][1:]}))
    assert "allows 60 requests" in finding.reason


def test_refused_calls_are_a_no_whatever_the_headers_say():
    window = faulted(lambda _: CARRIED)
    calls = calls_of(window)
    refused = tuple(
        call.model_copy(update={"status": 429}) if n < 3 else call
        for n, call in enumerate(calls["secondary"])
    )
    finding = CHECK.judge(seen(window, calls={**calls, "secondary": refused}))
    assert finding.held is Held.NO
    assert finding.reason.startswith("secondary refused 3 of 600 calls (429) while the load was")


def test_calls_that_our_own_fault_changed_are_not_the_providers_word():
    assert CHECK.judge(run(status=429, fault_id="RUN-0", requests_max=1)).held is Held.UNKNOWN
    long = CHECK.judge(run(n=1300, status=429, fault_id="RUN-0", requests_max=1))
    assert long.held is Held.YES, long.reason


@pytest.mark.parametrize(("failing", "held"), [(6, Held.YES), (7, Held.NO)])
def test_more_than_its_share_of_failures_is_a_no(failing, held):
    finding = CHECK.judge(run(lambda i: SECOND_FAILED if i < failing else CARRIED))
    assert finding.held is held
    assert held is Held.YES or finding.reason == (
        "7 of 600 requests that tried secondary at 20/s got no answer from it (at most 0.01 of "
        "them), e.g. timeout"
    )


@pytest.mark.parametrize(("latency_ms", "held"), [(1000.0, Held.YES), (1000.2, Held.NO)])
def test_it_must_be_in_time_as_well(latency_ms, held):
    finding = CHECK.judge(run(lambda _: CARRIED | {"latency_ms": latency_ms}))
    assert finding.held is held
    assert held is Held.YES or "too slow at 20/s: p95 1,000.2 ms" in finding.reason


def test_an_objective_of_its_own_goes_before_the_targets():
    strict = Headroom.model_validate(CHECK.model_dump() | {"latency_p95": "150ms"})
    assert "objective 150 ms" in strict.judge(run()).reason
    nobody = replace(run(), target=TARGET.model_copy(update={"slos": {}}))
    assert CHECK.judge(nobody).held is Held.UNKNOWN
    assert strict.judge(nobody).held is Held.NO


@pytest.mark.parametrize(("n", "held"), [(200, Held.YES), (199, Held.UNKNOWN)])
def test_too_few_answers_are_unknown(n, held):
    finding = CHECK.judge(run(n=n))
    assert finding.held is held
    assert held is Held.YES or "answered 199 requests while the load was at 20/s; 200 are" in (
        finding.reason
    )


@pytest.mark.parametrize(("of_ten", "held"), [(9, Held.YES), (8, Held.UNKNOWN)])
def test_what_never_came_to_it_proves_nothing(of_ten, held):
    finding = CHECK.judge(run(lambda i: CARRIED if i % 10 < of_ten else BY_PRIMARY))
    assert finding.held is held
    assert held is Held.YES or "only 16/s of the load's 20/s came to secondary" in finding.reason


@pytest.mark.parametrize(("n", "held"), [(1200, Held.YES), (1180, Held.UNKNOWN)])
def test_without_a_told_limit_only_a_whole_minute_shows_one(n, held):
    finding = CHECK.judge(run(n=n, requests_max=None, tokens_max=None))
    assert finding.held is held
    assert held is Held.YES or "59 s at the peak show none that counts by the minute" in (
        finding.reason
    )


def test_what_came_below_the_peak_is_not_counted():
    load = Offered(RateCurve(10, [(10, 30), (20, 0.001)]))
    finding = CHECK.judge(replace(run(), load=load))  # at its peak from 30 s on, armed at 20 s
    assert "of 399 answers" in finding.reason  # the first one is due on the way up
    assert ARMED_AT + timedelta(seconds=10) == run().load_started_at + timedelta(seconds=30)


def test_what_the_plan_must_offer():
    assert CHECK.cannot_decide(planned()) == ""
    assert "no provider 'third'" in Headroom.model_validate(
        {"provider": "third", "peak": "20/s"}
    ).cannot_decide(planned())
    assert "goes up to 20/s, in no window to 21/s" in Headroom.model_validate(
        {"provider": "secondary", "peak": "21/s"}
    ).cannot_decide(planned())
    assert CHECK.cannot_decide(planned(faulted=10.0)) == ""
    assert "needs 200 requests at 20/s, so 10.0 s of it" in CHECK.cannot_decide(
        planned(faulted=9.9)
    )
    nowhere = TARGET.model_copy(update={"slos": {}})
    assert "no objective latency_p95" in CHECK.cannot_decide(planned(target=nowhere))
