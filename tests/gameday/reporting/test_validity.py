"""A run whose samples or faults cannot be trusted is told so in one sentence."""

import pytest

from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.sample import Outcome
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
def test_a_generator_that_is_itself_the_bottleneck_decides_nothing(samples, sentence):
    found = why_invalid(RUN.record, samples)
    assert sentence in found
    assert bool(found) == bool(sentence)


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
