"""A run whose samples or faults cannot be trusted is told so in one sentence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.sample import Outcome
from gameday.domain.validity import find_validity
from gameday.domain.verdict import Held, Verdict
from gameday.domain.vitals import Vital
from gameday.reporting.baseline import refuse_baseline
from gameday.reporting.judging import judge_run
from gameday.reporting.validity import why_dirty, why_invalid, why_stopped
from tests.gameday.reporting.runs import at, make_fault, passing_run

RUN = passing_run()


def with_fault(**changes):
    return RUN.with_record(faults=(make_fault(**changes),)).record


def lagging(count, lag_ms):
    """The run's samples, of which the last `count` were sent late."""
    late = [s.changed(send_lag_ms=lag_ms) for s in RUN.samples[-count:]]
    return (*RUN.samples[:-count], *late)


def unsent(count):
    gone = [s.changed(outcome=Outcome.UNSENT) for s in RUN.samples[:count]]
    return (*gone, *RUN.samples[count:])


def test_a_sound_run_is_valid_and_clean():
    assert why_invalid(RUN.record, RUN.samples) == ""
    assert why_dirty(RUN.record) == ""
    assert why_stopped(RUN.record) is None


def test_clients_who_left_as_they_were_told_are_no_fault_of_the_generator():
    gone = tuple(s.changed(outcome=Outcome.LEFT) for s in RUN.samples)
    assert why_invalid(RUN.record, gone) == ""


def test_what_the_record_says_of_its_samples_counts():
    assert why_invalid(RUN.with_record(invalid="probes lost").record, RUN.samples) == "probes lost"


def test_no_sample_at_all_is_invalid_once_something_was_broken():
    assert "not one sample was recorded" in why_invalid(RUN.record, ())
    assert why_invalid(RUN.with_record(inject=None, restore=None, faults=()).record, ()) == ""


# 1,240 samples; the tightest latency objective is 1 s, so the bound is 50 ms at p99.
@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (lagging(13, 50.0), ""),
        (lagging(12, 51.0), ""),
        (lagging(13, 51.0), "p99 of its send lag is 51 ms, over 5% of the tightest latency"),
        (unsent(12), ""),
        (unsent(13), "never sent 13 of 1,240 requests (1.0%, at most 1%)"),
    ],
    ids=["lag at the bound", "12 late", "13 late", "12 unsent", "13 unsent"],
)
def test_a_generator_that_is_itself_the_bottleneck_is_said(samples, sentence):
    found = judge_run(RUN.record, samples, RUN.logs).validity
    assert sentence in found.reason
    assert found.generator_bound is bool(sentence)
    assert why_invalid(RUN.record, samples) == "", "each check says for itself"


def vital(second, cpu_s):
    return Vital(
        generator=0, at=at(second + 1), seconds=1.0, cpu_s=cpu_s, in_flight=0, unrecorded=0
    )


def bound_in(window, how):
    """The passing run, in one window of which the generator could not keep up, and its logs."""
    inside = {s.seq for s in judge_run(RUN.record, RUN.samples, RUN.logs).windows[window].samples}
    match how:
        case "late":
            changes = {"send_lag_ms": 51.0}
        case "unsent":
            changes = {"outcome": Outcome.UNSENT}
        case "busy":
            span = {int((s.intended_at - at(0)).total_seconds()) for s in RUN.samples
                    if s.seq in inside}  # fmt: skip
            vitals = tuple(vital(n, 0.95 if n in span else 0.1) for n in range(70))
            return RUN.samples, replace(RUN.logs, vitals=vitals)
    spoilt = [s.changed(**changes) if s.seq in inside and s.seq % 10 == 0 else s
              for s in RUN.samples]  # fmt: skip
    return spoilt, RUN.logs


@pytest.mark.parametrize("how", ["late", "unsent", "busy"])
def test_no_check_passes_or_fails_by_a_window_in_which_the_generator_was_the_bottleneck(how):
    judged = judge_run(RUN.record, *bound_in("faulted", how))
    assert judged.decision.verdict is Verdict.INCONCLUSIVE
    assert {judgement.held for judgement in judged.judgements} >= {Held.UNKNOWN}
    held = {judgement.kind: judgement for judgement in judged.judgements}
    for kind in ("fallback", "slo", "envelope", "cost_per_success"):
        assert held[kind].held is Held.UNKNOWN
        assert "the faulted window tells nothing: the load generator" in held[kind].reason
        assert "use a lower rate" in held[kind].reason


@pytest.mark.parametrize("how", ["late", "unsent"])
def test_a_check_that_looks_elsewhere_is_judged_all_the_same(how):
    judged = judge_run(RUN.record, *bound_in("recovered", how))
    held = {judgement.kind: judgement.held for judgement in judged.judgements}
    assert held["recovered_within"] is Held.UNKNOWN
    assert held["fallback"] is held["slo"] is held["envelope"] is Held.YES
    assert judged.validities["recovered"].generator_bound
    assert not judged.validities["faulted"].generator_bound


def test_a_no_is_no_better_than_a_yes():
    """A system that looks too slow while the generator stands still is not said to be slow."""
    samples, logs = bound_in("faulted", "late")
    slow = [s.changed(latency_ms=s.latency_ms + 5000) for s in samples]
    judged = judge_run(RUN.record, slow, logs)
    assert judged.decision.verdict is Verdict.INCONCLUSIVE
    assert {j.held for j in judged.judgements if j.kind == "slo"} == {Held.UNKNOWN}


def test_without_evidence_of_the_fault_a_bound_generator_is_the_reason():
    samples, logs = bound_in("faulted", "late")
    unfelt = [s.changed(attempts=(), served_by="primary") for s in samples]
    judged = judge_run(RUN.record, unfelt, logs)
    assert judged.decision.verdict is Verdict.INCONCLUSIVE
    assert "load generator was late" in judged.decision.reason


def shared(record, generators):
    drill = record.request.drill
    load = drill.load.model_copy(update={"generators": generators})
    request = record.request.model_copy(update={"drill": drill.model_copy(update={"load": load})})
    return record.model_copy(update={"request": request})


@pytest.mark.parametrize(("noted_until", "held"), [(70, Held.YES), (30, Held.UNKNOWN)])
def test_a_part_of_a_shared_load_that_falls_silent_decides_nothing(noted_until, held):
    """Its samples are missing among those of the other, and nothing else would show it."""
    vitals = [vital(n, 0.1) for n in range(70)]
    vitals += [vital(n, 0.1).model_copy(update={"generator": 1}) for n in range(noted_until)]
    logs = replace(RUN.logs, vitals=tuple(vitals))
    judged = judge_run(shared(RUN.record, 2), RUN.samples, logs)
    slo = next(judgement for judgement in judged.judgements if judgement.kind == "slo")
    assert slo.held is held
    if held is Held.UNKNOWN:
        assert "the faulted window tells nothing: a part of the load may be missing" in slo.reason
        assert "generator 1 of 2 left no note of" in slo.reason
        assert judged.decision.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("late", "is_bound"), [(2, False), (3, True)])
def test_in_a_short_window_one_late_request_tells_nothing(late, is_bound):
    samples = [
        s.changed(send_lag_ms=60.0 if n < late else 0.1) for n, s in enumerate(RUN.samples[:40])
    ]
    assert find_validity(samples, None, 1000.0).generator_bound is is_bound


@pytest.mark.parametrize(("cpu", "is_bound"), [(None, False), (0.8, False), (0.801, True)])
def test_a_generator_without_cpu_to_spare_is_bound(cpu, is_bound):
    found = find_validity(RUN.samples, cpu, None)
    assert found.generator_bound is is_bound
    assert ("of a core (at most 80%)" in found.reason) is is_bound


def test_a_baseline_that_the_generator_could_not_carry_is_refused():
    samples, _ = bound_in("baseline", "late")
    baseline = [s for s in samples if s.intended_at < at(20)]
    refusal = refuse_baseline(RUN.record.request, baseline, started_at=at(0))
    assert refusal.startswith("the baseline tells nothing: the load generator was late")


EARLY = {"cleared_at": at(46.020)}


@pytest.mark.parametrize(
    "by", [ClearedBy.LEASE, ClearedBy.RECOVERY, ClearedBy.STOP, ClearedBy.SWEEP, ClearedBy.GUARDIAN]
)
def test_a_fault_that_was_gone_early_decides_nothing(by):
    sentence = why_invalid(with_fault(cleared_by=by, **EARLY), RUN.samples)
    assert sentence.startswith("the fault was gone 4.0 s before its restore was asked for")
    assert by.value in sentence


def test_a_fault_that_vanished_is_never_trusted_whenever_somebody_looked():
    record = with_fault(cleared_by=ClearedBy.VANISHED, cleared_at=at(50.031))
    assert "nobody knows since when" in why_invalid(record, RUN.samples)


def test_a_lease_that_ran_out_during_the_restore_is_no_early_end():
    record = with_fault(cleared_by=ClearedBy.LEASE, cleared_at=at(50.025))
    assert why_invalid(record, RUN.samples) == ""


def test_a_fault_that_went_without_any_restore_is_said():
    record = with_fault(cleared_by=ClearedBy.LEASE, **EARLY).model_copy(update={"restore": None})
    assert "went at 10:00:46, and nobody recorded a restore (lease)" in why_invalid(
        record, RUN.samples
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": FaultState.STUCK, "cleared_by": None}, "could not be put back for certain"),
        ({"state": FaultState.ARMED, "cleared_by": None}, "still armed as far as anybody knows"),
        ({"cleared_by": None}, "nobody knows who put it back"),
    ],
)
def test_a_fault_that_may_be_left_is_dirty(changes, sentence):
    assert sentence in why_dirty(with_fault(**changes))


def test_an_injected_fault_without_a_record_is_dirty():
    assert "no record that it is gone" in why_dirty(RUN.with_record(faults=()).record)


@pytest.mark.parametrize("closer", ["guardian", "cli", ""])
def test_a_run_that_its_workflow_did_not_end_is_stopped(closer):
    stop = why_stopped(RUN.with_record(closed_by=closer).record)
    assert stop is not None
    assert stop.by == "lost"
    assert (closer or "nobody") in stop.reason


@given(
    st.lists(st.sampled_from([1.0, 49.9, 50.0, 50.1, 400.0]), min_size=1, max_size=400),
    st.integers(0, 900),
)
def test_a_window_is_late_where_more_than_one_in_a_hundred_were(lags_ms, more):
    """Counted out: at 1,000 ms what was sent more than 50 ms late is late."""
    lags_ms = lags_ms + [0.0] * more
    sample = RUN.samples[0]
    found = find_validity([sample.changed(send_lag_ms=lag) for lag in lags_ms], 0.1, 1000.0)
    late = sum(lag_ms > 50 for lag_ms in lags_ms)
    assert found.generator_bound == (late >= 3 and late > 0.01 * len(lags_ms))
