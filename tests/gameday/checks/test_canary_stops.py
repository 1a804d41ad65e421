"""The check `canary_stops`: sent away in time, too late, never, and no test of the gate at all."""

import random

import pytest

from gameday.checks.canary_stops import CanaryStops
from tests.gameday.checks.staged import BY_PRIMARY, FAILED, responded, seen, without

OFFERED = "heron-9"
CHECK = CanaryStops(model=OFFERED, within="20s", share_max=0.4)


def answers(*, until: int, share: float = 0.25, right: float = 0.6, seed: int = 1):
    """The model on offer gives a share of the answers up to one of them; 20 come a second."""
    draw = random.Random(seed)

    def make(place: int) -> dict:
        offered, good = draw.random() < share, draw.random() < right
        if place >= until or not offered:
            return BY_PRIMARY
        return BY_PRIMARY | {"model": OFFERED, "quality": float(good), "passed": good}

    return make


def run(make, n: int = 700):
    return without(seen(responded(make, n)), "faulted")


def test_a_bad_model_that_is_sent_away_in_time_holds():
    finding = CHECK.judge(run(answers(until=300)))
    assert finding.held == "yes", finding.reason
    assert "points, margin 10: OUTSIDE" in finding.reason
    assert "s after the offer (objective 20 s and 40%)" in finding.reason
    assert "answers of others since" in finding.reason


@pytest.mark.parametrize(("until", "held"), [(380, "yes"), (440, "no")])
def test_both_sides_of_the_time_that_the_gate_may_take(until, held):
    """20 s are 400 answers."""
    assert CHECK.judge(run(answers(until=until))).held == held


@pytest.mark.parametrize(("share", "held"), [(0.3, "yes"), (0.5, "no")])
def test_both_sides_of_the_share_that_may_meet_it(share, held):
    assert CHECK.judge(run(answers(until=300, share=share))).held == held


@pytest.mark.parametrize(("since", "held"), [(20, "yes"), (19, "no")])
def test_it_is_gone_after_so_many_answers_of_others(since, held):
    def make(place: int) -> dict:
        if place >= 300:
            return BY_PRIMARY
        return BY_PRIMARY | {"model": OFFERED, "quality": float(place % 2)}

    assert CanaryStops(model=OFFERED, within="20s").judge(run(make, 300 + since)).held == held


def test_a_bad_model_that_everybody_gets_in_the_end_is_a_no():
    tried = answers(until=300)

    def make(place: int) -> dict:
        return tried(place) if place < 300 else BY_PRIMARY | {"model": OFFERED, "quality": 0.0}

    finding = CHECK.judge(run(make))
    assert finding.held == "no"
    assert "it still answered" in finding.reason


def test_where_the_model_never_answered_nobody_knows():
    finding = CHECK.judge(run(lambda _: BY_PRIMARY))
    assert finding.held == "unknown"
    assert "none of 700 good answers" in finding.reason


def test_a_model_that_is_as_good_puts_the_gate_to_no_test():
    finding = CHECK.judge(run(answers(until=600, right=1.0)))
    assert finding.held == "unknown"
    assert "no bad model" in finding.reason


def test_few_answers_of_it_do_not_tell_whether_it_is_bad():
    finding = CHECK.judge(run(answers(until=40, right=0.7)))
    assert finding.held == "unknown"
    assert "is undecided" in finding.reason


def test_without_answers_it_is_unknown():
    assert CHECK.judge(without(run(answers(until=300)), "baseline")).held == "unknown"
    assert CHECK.judge(run(lambda _: FAILED)).held == "unknown"
