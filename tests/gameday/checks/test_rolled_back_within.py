"""Yes, no and unknown of a rollback, and what may never pass for one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from gameday.checks.rolled_back_within import RolledBackWithin
from gameday.domain.lease import ClearedBy, FaultRecord, FaultState
from gameday.domain.rollback import read_rollback
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    ARMED_AT,
    BY_PRIMARY,
    CALLED_AT,
    FAILED,
    GONE_AT,
    PINNED,
    RESPONSE,
    RESTORE_AT,
    STEP,
    call,
    planned,
    recovered,
    responded,
    sample,
    seen,
    transition,
    without,
)

WHOLE = RolledBackWithin(detected="30s", decided="5s", called="5s", first_good="5s", all_good="10s")
OLD = {**BY_PRIMARY, "model": "heron"}  # what the floating name says of itself
NAMELESS = {**BY_PRIMARY, "model": None}
SWAP = FaultRecord(
    id="RUN1-0", run_id="RUN1", kind="model_swap", on="provider/primary", claim="gate/primary",
    state=FaultState.CLEARED, armed_at=ARMED_AT, cleared_at=GONE_AT, cleared_by=ClearedBy.RESTORE,
)  # fmt: skip


def later(seconds):
    return timedelta(seconds=seconds)


def run(*windows, **response):
    return seen(*(windows or (responded(),)), response=replace(RESPONSE, **response))


def step(**evidence):
    return STEP.model_copy(update={"evidence": STEP.evidence | evidence})


def test_a_rollback_in_time():
    finding = WHOLE.judge(run())
    assert finding.held is Held.YES
    assert finding.reason == (
        "detected after 10.0 s (objective 30 s), decided after 4.0 s (objective 5 s), called after "
        "1.0 s (objective 5 s), first_good after 0.2 s (objective 5 s), all_good after 1.1 s "
        "(objective 10 s); the fault was still in force"
    )


@pytest.mark.parametrize(
    ("objective", "held"),
    [
        ({"detected": "10s"}, Held.YES),
        ({"detected": "9999ms"}, Held.NO),
        ({"decided": "4s"}, Held.YES),
        ({"decided": "3999ms"}, Held.NO),
        ({"called": "1s"}, Held.YES),
        ({"called": "999ms"}, Held.NO),
        ({"first_good": "200ms"}, Held.YES),
        ({"first_good": "199ms"}, Held.NO),
        ({"all_good": "1150ms"}, Held.YES),  # the 20th answer comes 19 steps after the first
        ({"all_good": "1149ms"}, Held.NO),
    ],
    ids=str,
)
def test_both_sides_of_each_objective(objective, held):
    assert RolledBackWithin(**objective).judge(run()).held is held


def test_the_stretch_that_was_late_is_told_with_its_numbers():
    finding = RolledBackWithin(decided="2s", all_good="10s").judge(run())
    assert (finding.held, finding.reason) == (
        Held.NO, "decided after 4.0 s (objective 2 s)",
    )  # fmt: skip


def test_a_mechanism_that_says_yes_and_changes_nothing():
    noop = step(unverified="the alias is heron, not heron-1")
    finding = WHOLE.judge(run(responded(lambda _: OLD), steps=(noop,)))
    assert finding.held is Held.NO
    assert finding.reason == (
        "no good answer came within 15 s of the call (first_good, objective 5 s): 296 of 296 "
        "answers after the call were not good; the mechanism: the alias is heron, not heron-1"
    )


def test_a_mechanism_that_failed_says_why():
    failed = step(failed="http://admin answers PUT with 500: boom")
    finding = WHOLE.judge(run(responded(lambda _: OLD), steps=(failed,)))
    assert finding.held is Held.NO
    assert finding.reason.endswith("the mechanism: http://admin answers PUT with 500: boom")


def test_one_replica_that_keeps_the_old_version():
    partial = responded(lambda n: PINNED if n % 2 else OLD)
    finding = WHOLE.judge(run(partial))
    assert finding.held is Held.NO
    assert "not all answers were good again (20 in a row) within 15 s of the call" in finding.reason
    assert "148 of 296 answers" in finding.reason


@pytest.mark.parametrize(("slow_s", "held"), [(8.5, Held.YES), (9.5, Held.NO)])
def test_a_cache_that_keeps_the_old_version_for_a_while(slow_s, held):
    slow = responded(lambda n: OLD if n < slow_s * 20 else PINNED)
    finding = RolledBackWithin(all_good="10s").judge(run(slow))
    assert finding.held is held
    assert "all_good after" in finding.reason


def test_requests_without_an_answer_are_not_good():
    finding = RolledBackWithin(all_good="10s").judge(
        run(responded(lambda n: FAILED if n == 295 else PINNED))
    )
    assert finding.held is Held.NO
    assert "1 of 296 answers" in finding.reason


def test_what_gameday_puts_back_itself_is_never_the_rollback():
    """The pin did nothing; good answers come only when the swap was lifted."""
    back = recovered(lambda _: PINNED)
    restored = transition(*(sample(n, RESTORE_AT + later(n / 20), **PINNED) for n in range(40)))
    finding = WHOLE.judge(run(responded(lambda _: OLD), back, restored))
    assert finding.held is Held.NO
    assert "296 of 296 answers" in finding.reason


def test_a_fault_that_went_by_itself_ends_what_counts():
    late = responded(lambda n: OLD if n < 100 else PINNED)
    finding = WHOLE.judge(run(late, ended_at=CALLED_AT + later(5)))
    assert finding.held is Held.UNKNOWN
    assert "within 5 s of the call" in finding.reason


def test_answers_that_began_before_the_call_count_until_they_ended():
    before = sample(999, CALLED_AT - later(1), latency_ms=2500.0, **OLD)
    told = read_rollback(RESPONSE, seen(responded(), transition(before)).windows, {}, ())
    assert told.bad == 1
    assert told.all_good_at > CALLED_AT + later(1.5)


def at_gate(window, touched):
    """The gate's log: which requests it has changed."""
    return {
        "primary": tuple(
            call("primary", one, fault_id="RUN1-0" if touched(n) else "")
            for n, one in enumerate(window.samples)
        )
    }


def gated(window, touched, **changes):
    made = run(window, **changes)
    return replace(made, calls=at_gate(window, touched), faults=(SWAP,))


def test_where_the_front_door_is_silent_the_gate_tells():
    silent = responded(lambda _: NAMELESS)
    assert WHOLE.judge(gated(silent, lambda _: False)).held is Held.YES
    swapped = WHOLE.judge(gated(silent, lambda _: True))
    assert swapped.held is Held.NO
    assert "296 of 296" in swapped.reason


def test_what_the_gate_has_changed_is_bad_whatever_it_calls_itself():
    lying = responded(lambda _: PINNED)
    assert WHOLE.judge(gated(lying, lambda _: True)).held is Held.NO


def test_an_untouched_answer_of_another_version_is_not_the_rollback():
    """Of a swap for a share, what it left alone is still the floating name."""
    assert WHOLE.judge(gated(responded(lambda _: OLD), lambda _: False)).held is Held.NO


def test_where_nobody_can_tell_it_is_unknown():
    silent = responded(lambda _: NAMELESS)
    finding = WHOLE.judge(replace(run(silent), calls={}))
    assert finding.held is Held.UNKNOWN
    assert "of 296 of 296 answers after the call nobody can tell" in finding.reason
    # A gate whose log has other requests than these saw nothing of them.
    elsewhere = replace(gated(silent, lambda _: False), calls=at_gate(recovered(), lambda _: False))
    assert WHOLE.judge(elsewhere).held is Held.UNKNOWN
    # And a log of a gate that broke nothing proves no version.
    unbroken = replace(gated(silent, lambda _: False), faults=())
    assert WHOLE.judge(unbroken).held is Held.UNKNOWN


def test_a_late_decision_is_a_no_whoever_is_blind():
    silent = replace(run(responded(lambda _: NAMELESS)), calls={})
    assert RolledBackWithin(decided="1s", all_good="10s").judge(silent).held is Held.NO


def test_the_front_door_may_tell_a_version_beside_the_model():
    told = responded(lambda _: {**BY_PRIMARY, "model": "assistant", "version": "heron-1"})
    assert WHOLE.judge(run(told)).held is Held.YES


def test_nobody_noticed():
    finding = WHOLE.judge(run(detection=None, decided_at=None, steps=()))
    assert (finding.held, finding.reason) == (
        Held.NO,
        "nobody noticed the change in the 30 s that it was there, so nothing was rolled back",
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"detection": None}, "nobody recorded when it was detected"),
        ({"decided_at": None}, "nobody recorded when it was decided"),
        ({"steps": ()}, "nobody recorded when the operator's mechanism was called"),
    ],
)
def test_a_moment_that_nobody_recorded_is_unknown(changed, said):
    finding = WHOLE.judge(run(**changed))
    assert (finding.held, finding.reason) == (Held.UNKNOWN, said)


def test_a_window_that_was_too_short_is_unknown():
    finding = RolledBackWithin(all_good="20s").judge(run(responded(lambda _: OLD)))
    assert finding.held is Held.UNKNOWN


def test_no_response_and_nothing_observed_are_unknown():
    assert WHOLE.judge(seen()).held is Held.UNKNOWN
    blind = WHOLE.judge(without(run(), "responded", "transition"))
    assert (blind.held, blind.reason) == (
        Held.UNKNOWN, "no request was observed after the call",
    )  # fmt: skip


def test_a_rehearsal_has_no_fault_to_be_in_force():
    rehearsal = run(injected_at=None, detection=None)
    finding = RolledBackWithin(called="5s", all_good="10s").judge(rehearsal)
    assert finding.held is Held.YES
    assert "in force" not in finding.reason
    uncalled = WHOLE.judge(run(injected_at=None, detection=None, decided_at=None, steps=()))
    assert (uncalled.held, uncalled.reason) == (Held.UNKNOWN, "the rollback was not called")


def test_it_needs_an_objective():
    with pytest.raises(ValidationError, match="at least one of detected, decided, called"):
        RolledBackWithin()


@pytest.mark.parametrize(
    ("check", "plan", "said"),
    [
        (WHOLE, {}, ""),
        (WHOLE, {"responds": False}, "nothing is rolled back"),
        (WHOLE, {"rehearses": True}, "nothing is to be noticed in a rehearsal"),
        (RolledBackWithin(all_good="10s"), {"rehearses": True}, ""),
        (WHOLE, {"detects": False}, "nobody waits until it is noticed"),
        (RolledBackWithin(called="1s"), {"detects": False}, ""),
    ],
)
def test_what_cannot_be_decided(check, plan, said):
    told = check.cannot_decide(replace(planned(responded=3600.0), **plan))
    assert said in told
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ({"faulted": 29.9}, "the faulted window must last at least 30 s"),
        ({"faulted": 30.0}, ""),
        ({"responded": 11.0}, ""),
        ({"responded": 10.9}, "the responded window must last at least 11 s, for the objective"),
    ],
)
def test_windows_must_be_long_enough(windows, said):
    told = WHOLE.cannot_decide(planned(**{"responded": 3600.0, **windows}))
    assert said in told
    assert bool(told) == bool(said)


def test_calls_of_a_tool_that_was_still_asked_make_no_good_answer():
    """Its calls are in no provider's log: the gate's rule remembers whose they were."""
    window = responded(lambda _: NAMELESS)
    asked = [one.request_id for one in window.samples][:10]
    drift = SWAP.model_copy(
        update={
            "kind": "tool_contract_change",
            "on": "tool/orders",
            "claim": "gate/orders",
            "evidence": {"gate_at_clear": {"hits": 10, "request_ids": asked}},
        }
    )
    off = step(seen_as="")
    calls = {"primary": tuple(call("primary", one) for one in window.samples)}
    told = read_rollback(replace(RESPONSE, steps=(off,)), {"responded": window}, calls, (drift,))
    assert (told.bad, told.blind) == (10, "")
    assert told.first_good_at == window.samples[10].finished_at
