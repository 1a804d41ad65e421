"""A rise that was planned can be seen, and one that did not come is told."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.arrivals import RateCurve
from gameday.domain.plan import PlannedWindow
from gameday.domain.rise import judge_rise, why_no_rise
from gameday.domain.sample import Outcome, Sample

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
CURVE = RateCurve(20, [(20, 25), (60, 10), (60, 10), (20, 1)])  # at 60/s from 35 s to 45 s
BASELINE = PlannedWindow(name="baseline", seconds_max=20, requests_min=400)


def peak(first_s=20.0, last_s=25.0, lasts_s=25.0):
    return PlannedWindow(
        name="peak", seconds_max=lasts_s, requests_min=1, begins_s_min=first_s, begins_s_max=last_s
    )


def test_a_peak_inside_the_window_can_be_seen():
    assert why_no_rise(CURVE, BASELINE, peak()) == ""


@pytest.mark.parametrize(("lasts_s", "enough"), [(20.0, True), (19.8, False)])
def test_a_window_that_may_end_too_early_is_told(lasts_s, enough):
    said = why_no_rise(CURVE, BASELINE, peak(lasts_s=lasts_s))
    assert (said == "") is enough
    if not enough:
        assert said.startswith("the load is at its peak of 60/s for 4.9 s of the peak window")
        assert "5 s are needed; the window lasts from 25 s to 39.8 s after the first" in said


def test_a_load_that_rises_under_the_baseline_is_told():
    early = RateCurve(20, [(60, 10), (60, 30)])
    assert why_no_rise(early, BASELINE, peak()) == (
        "the load goes from 20/s to 60/s while the baseline is observed; add a first stage that "
        "stays at 20/s for 20 s or longer"
    )


def sent(count_per_s, seconds, *, lag_ms=0.0, unsent_share=0.0):
    chance = random.Random(3)
    for i in range(int(count_per_s * seconds)):
        at = START + timedelta(seconds=i / count_per_s)
        unsent = chance.random() < unsent_share
        yield Sample(
            seq=i,
            case="c",
            intended_at=at,
            finished_at=at + timedelta(milliseconds=200),
            send_lag_ms=lag_ms,
            latency_ms=200,
            outcome=Outcome.UNSENT if unsent else Outcome.OK,
        )


@pytest.mark.parametrize(("per_s", "reached"), [(60, True), (54, True), (53, False)])
def test_the_peak_is_reached_where_nine_tenths_of_it_came(per_s, reached):
    rise = judge_rise(sent(per_s, 10), 60.0)
    assert rise.reached is reached
    assert rise.reached_per_s == per_s
    assert f"{per_s} requests a second of the load's peak of 60/s" in rise.sentence


def test_what_was_never_sent_does_not_count():
    assert not judge_rise(sent(60, 10, unsent_share=0.3), 60.0).reached


def test_what_was_sent_late_counts_when_it_was_sent():
    even = list(sent(60, 10))
    late = [s.changed(send_lag_ms=1000.0 * (s.seq / 300)) for s in even]
    assert not judge_rise(late, 60.0).reached  # six hundred requests, stretched over 12 s


def test_nothing_at_all_reaches_nothing():
    rise = judge_rise([], 60.0)
    assert (rise.reached, rise.reached_per_s) == (False, 0.0)
