"""The check `fallback_semantics`: order, number, and when to stop; told by header and by gate."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from gameday.checks.fallback_semantics import FallbackSemantics
from gameday.domain.lease import FaultRecord, FaultState
from gameday.domain.sample import Attempt, Outcome
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    RESTORE_AT,
    call,
    calls_of,
    faulted,
    planned,
    sample,
    seen,
    transition,
    without,
)

CHECK = FallbackSemantics(order=("primary", "secondary"))
BLIND = {"calls": {}}


def tried(*names_and_outcomes: str) -> tuple[Attempt, ...]:
    """`primary refused`, `secondary ok`, ..."""
    pairs = (one.split() for one in names_and_outcomes)
    return tuple(Attempt(provider=name, outcome=Outcome(end), elapsed_ms=5) for name, end in pairs)


def way(*names_and_outcomes: str, **fields) -> dict:
    return BY_SECONDARY | {"attempts": tried(*names_and_outcomes)} | fields


def with_one(odd: dict, **fields):
    return seen(faulted(lambda i: odd if i == 300 else BY_SECONDARY), **fields)


def test_the_right_way():
    finding = CHECK.judge(seen())
    assert finding.held is Held.YES
    assert finding.reason == (
        "600 requests kept the order primary -> secondary, the longest way was primary -> "
        "secondary (at most 1 hop); the gates of primary and secondary agree"
    )
    assert CHECK.judge(seen(**BLIND)).reason.endswith("no gate to check it")


@pytest.mark.parametrize("gates", [{}, BLIND], ids=["gates", "no gates"])
@pytest.mark.parametrize(
    ("odd", "what"),
    [
        (way("secondary reset", "primary ok"), "did not keep the order primary -> secondary"),
        (way("primary reset", "third ok"), "did not keep the order"),
        (way("primary reset", "secondary reset", "primary ok"), "did not keep the order"),
        (way("primary reset", "primary reset", "secondary ok"), "took more than 1 hop"),
        (way("primary cut", "secondary ok"), "went on to a provider after the first content"),
        (way("primary ok", "secondary ok"), "went on to a provider after an answer or a refusal"),
        (
            way("primary malformed", "secondary reset")
            | {"served_by": "primary", "finish_reason": "content_filter"},
            "went on to a provider after an answer or a refusal",
        ),
    ],
)
def test_one_wrong_way_is_enough(odd, what, gates):
    finding = CHECK.judge(with_one(odd, **gates))
    assert finding.held is Held.NO
    assert finding.reason.startswith(f"1 of 600 requests {what}")
    assert " -> ".join(a.provider for a in odd["attempts"]) in finding.reason


@pytest.mark.parametrize(
    "good",
    [
        way("secondary ok"),  # a breaker spares primary
        way("primary ok", served_by="primary"),
        way("primary refused", "secondary reset", outcome=Outcome.HTTP_ERROR),
        way("primary ok", served_by="primary", finish_reason="content_filter"),
        way("primary reset", "secondary ok", finish_reason="content_filter"),
        way("primary cut", outcome=Outcome.CUT),
    ],
    ids=lambda fields: " ".join(f"{a.provider} {a.outcome}" for a in fields["attempts"]),
)
def test_a_right_way_beside_the_others(good):
    assert CHECK.judge(with_one(good)).held is Held.YES


@pytest.mark.parametrize(("max_hops", "held"), [(1, Held.NO), (2, Held.YES)])
def test_both_sides_of_the_number_of_hops(max_hops, held):
    twice = way("primary reset", "primary reset", "secondary ok")
    check = FallbackSemantics(order=("primary", "secondary"), max_hops=max_hops)
    assert check.judge(with_one(twice)).held is held


def test_each_rule_can_be_taken_back():
    after_content = with_one(way("primary cut", "secondary ok"))
    after_answer = with_one(way("primary ok", "secondary ok"))
    lax = {"order": ("primary", "secondary")}
    assert FallbackSemantics(**lax, none_after_content=False).judge(after_content).held == "yes"
    assert FallbackSemantics(**lax, none_on_refusal=False).judge(after_answer).held == "yes"


def test_every_broken_rule_is_named():
    run = seen(faulted(lambda i: way("secondary cut", "primary ok") if i % 2 else BY_SECONDARY))
    reason = CHECK.judge(run).reason
    assert reason.startswith("300 of 600 requests did not keep")
    assert "; 300 of 600 requests went on to a provider after the first content" in reason


def test_requests_in_flight_at_the_fault_count_and_those_after_it_do_not():
    wrong = way("secondary reset", "primary ok", latency_ms=1500.0)
    before = sample(0, ARMED_AT - timedelta(seconds=1), **wrong)
    after = sample(0, RESTORE_AT + timedelta(milliseconds=1), **wrong)
    assert CHECK.judge(seen(transition(before))).held is Held.NO
    assert CHECK.judge(seen(transition(after))).held is Held.YES


# --- against the gates ------------------------------------------------------------------------


def beside(provider: str, after_ms: float, requests: int, **fields):
    """A run in which the gate saw one more call for each of some requests than the header tells."""
    run = seen(**fields)
    asked = run.windows["faulted"].samples[:requests]
    more = tuple(call(provider, one, after_ms) for one in asked)
    return replace(run, calls={**run.calls, provider: (*run.calls[provider], *more)})


def test_a_header_that_hides_calls():
    """One hidden call is one too many: there is no edge at which a call is seen and not made."""
    finding = CHECK.judge(beside("primary", 1.5, requests=1))
    assert finding.held is Held.NO
    assert finding.reason == (
        "the front door hides calls: for 1 of 600 requests the gates saw 3 and its header tells "
        "of 2, such as primary -> primary -> secondary, told as primary -> secondary"
    )


def test_a_header_that_turns_the_order_round():
    run = seen()
    odd = run.windows["faulted"].samples[7]
    swapped = {
        name: tuple(one for one in calls if one.request_id != odd.request_id)
        for name, calls in run.calls.items()
    }
    for name, after_ms in (("secondary", 1.0), ("primary", 2.0)):
        swapped[name] = (*swapped[name], call(name, odd, after_ms))
    finding = CHECK.judge(replace(run, calls=swapped))
    assert finding.held is Held.NO
    assert finding.reason == (
        "for 1 of 600 requests the gates saw another order than the front door tells, such as "
        "secondary -> primary, told as primary -> secondary"
    )


@pytest.mark.parametrize(("unmade", "held"), [(12, Held.YES), (13, Held.NO)])
def test_a_header_that_tells_of_calls_that_were_not_made(unmade, held):
    run = seen()
    ids = {one.request_id for one in run.windows["faulted"].samples[:unmade]}
    made = tuple(one for one in run.calls["secondary"] if one.request_id not in ids)
    finding = CHECK.judge(replace(run, calls={**run.calls, "secondary": made}))
    assert finding.held is held
    if held is Held.NO:
        assert finding.reason == (
            "for 13 of 600 requests the front door tells of calls that no gate saw, such as "
            "primary -> secondary"
        )


def test_a_fallback_that_was_never_called_at_all():
    run = seen()
    assert CHECK.judge(replace(run, calls={**run.calls, "secondary": ()})).held is Held.NO


@pytest.mark.parametrize("end", ["refused", "reset", "timeout"])
def test_attempts_that_were_lost_before_the_gate_are_not_missed_there(end):
    run = seen(faulted(lambda _: way(f"primary {end}", "secondary ok")))
    spared = calls_of(run.windows["baseline"])["primary"]
    assert CHECK.judge(replace(run, calls={**run.calls, "primary": spared})).held is Held.YES


def test_an_http_error_must_have_come_from_the_provider():
    run = seen(faulted(lambda _: way("primary http_error", "secondary ok")))
    spared = calls_of(run.windows["baseline"])["primary"]
    finding = CHECK.judge(replace(run, calls={**run.calls, "primary": spared}))
    assert finding.held is Held.NO
    assert "calls that no gate saw" in finding.reason


def test_providers_without_a_gate_are_not_compared():
    run = seen()
    finding = CHECK.judge(replace(run, calls={"secondary": run.calls["secondary"]}))
    assert finding.held is Held.YES
    assert finding.reason.endswith("the gates of secondary agree")


def test_gates_that_tell_nobody_apart_are_not_compared():
    run = seen()
    nameless = {
        name: tuple(one.model_copy(update={"request_id": ""}) for one in calls)
        for name, calls in run.calls.items()
    }
    finding = CHECK.judge(replace(run, calls=nameless))
    assert finding.held is Held.YES
    assert finding.reason.endswith("no gate to check it")


@pytest.mark.parametrize(("after_ms", "held"), [(200.0, Held.YES), (201.0, Held.NO)])
def test_a_call_that_began_after_the_client_had_content(after_ms, held):
    """The first content came after 100 ms, and clocks may differ by 100 ms."""
    retold = way("primary reset", "secondary ok")
    run = with_one(retold)
    odd = run.windows["faulted"].samples[300]
    others = tuple(one for one in run.calls["secondary"] if one.request_id != odd.request_id)
    later = (*others, call("secondary", odd, after_ms))
    finding = CHECK.judge(replace(run, calls={**run.calls, "secondary": later}))
    assert finding.held is held
    if held is Held.NO:
        assert "1 of 600 requests went on to a provider after the first" in finding.reason


@pytest.mark.parametrize(
    ("kind", "held"), [("refusal", "no"), ("content_filter", "no"), ("http_error", "yes")]
)
def test_a_refusal_that_the_gate_gave_and_the_system_took_for_a_failure(kind, held):
    fault = FaultRecord(
        id="F1",
        run_id="R",
        kind=kind,
        on="provider/primary",
        claim="gate/primary",
        state=FaultState.CLEARED,
    )
    run = seen(faulted(lambda _: way("primary malformed", "secondary ok")), faults=(fault,))
    hit = tuple(one.model_copy(update={"fault_id": "F1"}) for one in run.calls["primary"])
    assert CHECK.judge(replace(run, calls={**run.calls, "primary": hit})).held == held


def test_where_the_front_door_is_silent_the_gates_tell_the_way():
    told = seen()
    silent = seen(faulted(lambda _: BY_SECONDARY | {"attempts": ()}), calls=told.calls)
    assert CHECK.judge(silent).held is Held.YES
    thrice = beside("primary", 1.5, requests=1)
    hushed = replace(silent, calls=thrice.calls)
    finding = CHECK.judge(hushed)
    assert finding.held is Held.NO
    assert "1 of 600 requests took more than 1 hop" in finding.reason


# --- unknown ----------------------------------------------------------------------------------


def test_unknown_where_nobody_tells():
    run = seen(faulted(lambda _: BY_SECONDARY | {"attempts": ()}), **BLIND)
    finding = CHECK.judge(run)
    assert finding.held is Held.UNKNOWN
    assert "nobody tells which providers were tried for 600 requests" in finding.reason


def test_unknown_where_some_good_answers_do_not_tell():
    finding = CHECK.judge(with_one(BY_SECONDARY | {"attempts": ()}))
    assert finding.held is Held.UNKNOWN
    assert finding.reason == "1 of 600 requests do not tell who was tried for them"


def test_a_request_that_nobody_answered_need_not_tell():
    hung = FAILED | {"outcome": Outcome.TIMEOUT, "attempts": ()}
    never = FAILED | {"outcome": Outcome.UNSENT, "attempts": ()}
    assert CHECK.judge(with_one(hung)).held is Held.YES
    assert CHECK.judge(with_one(never)).held is Held.YES


@pytest.mark.parametrize(("n", "held"), [(19, Held.UNKNOWN), (20, Held.YES)])
def test_too_few_requests_are_unknown(n, held):
    assert CHECK.judge(seen(faulted(n=n))).held is held


def test_unknown_without_the_window():
    assert CHECK.judge(without(seen(), "faulted")).held is Held.UNKNOWN


def test_a_provider_stands_once_in_the_order():
    for order in ((), ("primary", "primary")):
        with pytest.raises(ValidationError):
            FallbackSemantics(order=order)


def test_the_plan_needs_the_providers_and_requests():
    assert CHECK.cannot_decide(planned(faulted=2.0)) == ""
    assert "faulted window has 38 requests" in CHECK.cannot_decide(planned(faulted=1.9))
    stranger = FallbackSemantics(order=("primary", "third"))
    assert stranger.cannot_decide(planned()) == "the target has no provider 'third'"


def test_a_primary_that_serves_although_the_fault_is_there():
    assert CHECK.judge(seen(faulted(lambda _: BY_PRIMARY))).held is Held.YES
