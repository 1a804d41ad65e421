"""A baseline is one when it holds the objectives and is served by what is about to break."""

import random

import pytest

from gameday.reporting.baseline import refuse_baseline
from tests.gameday.reporting.runs import (
    HUNG_UP,
    START,
    by_nobody,
    by_primary,
    by_secondary,
    make_drill,
    make_request,
    make_samples,
)

REQUEST = make_request("7Q2K", make_drill())


def refused(samples, request=REQUEST):
    return refuse_baseline(request, samples, started_at=START)


def test_a_sound_baseline_is_none_to_refuse():
    assert refused(make_samples(by_primary, 20)) == ""


def test_the_control_group_must_hold_the_objectives_too():
    """One that is bad already would excuse everything."""
    own = make_samples(by_primary, 20)
    beside = [s.changed(group="control", seq=s.seq + 10_000) for s in own]
    assert refused((*own, *beside)) == ""
    slow = [s.changed(latency_ms=3_000.0) for s in beside]
    assert refused((*own, *slow)).startswith(
        "the baseline of the control group, which the drill's is compared with, is outside its "
        "objective latency_p95: "
    )


def test_nothing_asked_is_no_baseline():
    assert refused(()).startswith("the baseline has no sample")


def test_it_must_be_served_by_the_provider_under_test():
    sentence = refused(make_samples(by_secondary, 20))
    assert sentence.startswith("the baseline is not served by primary: it was tried in 400 of 400")


@pytest.mark.parametrize(("failed", "holds"), [(2, True), (3, False)])
def test_it_must_hold_the_objectives(failed, holds):
    def answer(draw: random.Random, due_s: float):
        return (by_nobody if due_s < failed / 20 else by_primary)(draw, due_s)

    sentence = refused(make_samples(answer, 20))
    assert (sentence == "") is holds
    if not holds:
        assert "outside its objective availability" in sentence


def test_clients_who_were_told_to_hang_up_do_not_spoil_it():
    samples = make_samples(by_primary, 25)
    gone = [s.changed(**HUNG_UP) if s.seq % 5 == 0 else s for s in samples]
    assert refused(gone) == ""
    everybody = [s.changed(**HUNG_UP) for s in samples]
    assert refused(everybody).startswith("the baseline has no sample")


def test_every_provider_that_is_going_to_break_is_looked_at():
    """A stand-by that is not tried before is let through; one that fails before is not."""
    faults = [
        {"kind": "latency", "on": f"provider/{name}", "latency_ms": 9}
        for name in ("primary", "secondary")
    ]
    both = make_request("7Q2K", make_drill(faults=faults))
    assert refused(make_samples(by_primary, 20), both) == ""
    assert "not served by primary" in refused(make_samples(by_secondary, 20), both)
