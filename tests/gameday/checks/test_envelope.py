"""The check `envelope`: a drop inside, outside and too near to call."""

import random

import pytest

from gameday.checks.envelope import Envelope
from gameday.domain.statistics import envelope_requests
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import (
    BY_PRIMARY,
    BY_SECONDARY,
    FAILED,
    baseline,
    faulted,
    planned,
    recovered,
    seen,
    without,
)

CHECK = Envelope(suite="support", margin=0.10)


def quality(base: dict, share: float, seed: int = 1):
    """Answers of which about `share` are right, at random over the cases."""
    pick = random.Random(seed)
    right = [pick.random() < share for _ in range(20_000)]
    return lambda i: base | {"quality": float(right[i])}


def run(before: float, during: float, n: int = 600):
    return seen(
        baseline(quality(BY_PRIMARY, before), n=n),
        faulted(quality(BY_SECONDARY, during, seed=2), n=n),
    )


@pytest.mark.parametrize(
    ("during", "held"), [(0.91, "yes"), (0.89, "yes"), (0.83, "unknown"), (0.70, "no")]
)
def test_both_sides_of_the_margin(during, held):
    finding = CHECK.judge(run(0.93, during))
    assert finding.held == held
    assert "(600 requests over 40 cases)" in finding.reason
    words = {"yes": "INSIDE the 10-point", "no": "OUTSIDE the 10-point", "unknown": "UNDECIDED at"}
    assert words[held] in finding.reason


def test_the_sentence_has_both_qualities():
    finding = CHECK.judge(seen(faulted(lambda i: BY_SECONDARY | {"quality": float(i % 20 != 0)})))
    assert finding.reason.startswith("quality 0.95 against 1.00, -5.0 points (")


@pytest.mark.parametrize("drop", [0.02, 0.05, 0.15, 0.25])
def test_the_further_requests_that_it_asks_for_are_about_enough(drop):
    """Where it was undecided, that many more (and some) decide it."""
    small = CHECK.judge(run(0.93, 0.93 - drop, n=100))
    if small.held is not Held.UNKNOWN:
        return
    more = int(small.reason.rsplit("about ", 1)[1].split(" more")[0])
    decided = CHECK.judge(run(0.93, 0.93 - drop, n=min(20_000, 4 * (100 + more))))
    assert decided.held is (Held.YES if drop < 0.10 else Held.NO)


def test_requests_without_an_answer_score_nothing():
    good_answers_only = faulted(lambda i: FAILED if i % 3 == 0 else BY_SECONDARY)
    finding = CHECK.judge(seen(good_answers_only))
    assert finding.held is Held.NO
    assert "quality 0.67 against 1.00" in finding.reason


def test_answers_that_nobody_scored_are_unknown():
    finding = CHECK.judge(seen(faulted(lambda _: BY_SECONDARY | {"quality": None})))
    assert finding.held is Held.UNKNOWN
    assert finding.reason == "600 good answers were not scored, which could turn it"


def test_other_cases_cannot_be_compared():
    finding = CHECK.judge(seen(faulted(lambda i: BY_SECONDARY | {"case": f"other-{i % 9}"})))
    assert finding.held is Held.UNKNOWN
    assert finding.reason == "no case was asked both before and during the fault"


@pytest.mark.parametrize(("n", "held"), [(59, Held.UNKNOWN), (60, Held.YES)])
@pytest.mark.parametrize("make", [baseline, faulted])
def test_cases_that_were_asked_once_cannot_tell_their_spread(make, n, held):
    """Of 40 cases; a few right answers, each to a case of its own, must not look certain."""
    finding = CHECK.judge(seen(make(n=n)))
    assert finding.held is held
    if held is Held.UNKNOWN:
        assert finding.reason.startswith("19 requests of a window repeated a case; 20 are needed")


@pytest.mark.parametrize("name", ["baseline", "faulted"])
def test_unknown_without_a_window(name):
    assert CHECK.judge(without(seen(), name)).held is Held.UNKNOWN


@pytest.mark.parametrize("name", ["baseline", "faulted"])
def test_the_plan_needs_its_power_in_both_windows(name):
    needed_s = envelope_requests(0.10) / 20 + 1
    assert CHECK.cannot_decide(planned(**{name: needed_s})) == ""
    short = CHECK.cannot_decide(planned(**{name: needed_s - 0.1}))
    assert f"{envelope_requests(0.10)} requests" in short
    assert f"the {name} window has" in short
    assert "so 9.7 s at 20/s" in short


def test_the_plan_needs_some_cases_twice():
    wide = Envelope(suite="support", margin=0.5)
    assert wide.cannot_decide(planned(faulted=8.0)) == ""
    assert wide.cannot_decide(planned(faulted=7.95)) == (
        "a margin of 0.5 over 120 cases needs 140 requests beside those in flight at its edges, "
        "so 8 s at 20/s; the faulted window has 159 requests"
    )


@pytest.mark.parametrize(
    ("unscored", "share", "held"),
    [(6, 1.0, "yes"), (60, 1.0, "unknown"), (120, 0.3, "no"), (300, 0.9, "unknown")],
)
def test_a_few_that_were_not_scored_matter_where_they_could_turn_it(unscored, share, held):
    made = quality(BY_SECONDARY, share)
    silent = BY_SECONDARY | {"quality": None}
    finding = CHECK.judge(seen(faulted(lambda i: silent if i < unscored else made(i))))
    assert finding.held == held
    assert f"{unscored} good answers were not scored" in finding.reason


@pytest.mark.parametrize(("after", "held"), [(0.93, "yes"), (0.6, "no")])
def test_another_window_is_compared_where_the_check_names_it(after, held):
    check = Envelope.model_validate({"suite": "support", "margin": 0.10, "in": "recovered"})
    run = seen(
        baseline(quality(BY_PRIMARY, 0.93), n=600),
        faulted(quality(BY_SECONDARY, 0.2)),
        recovered(quality(BY_PRIMARY, after, seed=3), n=600),
    )
    assert check.judge(run).held == held
    missing = check.judge(without(run, "recovered")).reason
    assert missing == "quality was not observed before and in the window recovered"


def test_a_window_that_the_drill_has_not_cannot_be_judged():
    check = Envelope(suite="support", margin=0.10, window="responded")
    assert check.cannot_decide(planned()) == (
        "it judges the window responded, which the drill has not"
    )


def asked(long_of_ten: int, right_if_long: float):
    """Questions of which some are long: those are answered rightly with that share."""
    pick = random.Random(3)

    def make(i: int) -> dict:
        if i % 10 < long_of_ten:
            right = pick.random() < right_if_long
            return BY_PRIMARY | {"case": f"long-{i % 7}", "quality": float(right)}
        return BY_PRIMARY | {"case": f"short-{i % 13}"}

    return make


@pytest.mark.parametrize(("right_if_long", "over_mix"), [(0.97, "yes"), (0.5, "no")])
def test_another_mix_shows_what_an_average_hid_and_no_case_has_changed(right_if_long, over_mix):
    """Long questions were answered badly all the time; nobody asked many."""
    run = seen(baseline(asked(2, right_if_long), n=600), faulted(asked(8, right_if_long), n=600))
    assert CHECK.judge(run).held is Held.YES
    finding = Envelope(suite="support", margin=0.10, over="mix").judge(run)
    assert finding.held == over_mix
    assert "(600 requests over 20 cases)" in finding.reason


def test_over_the_mix_questions_that_were_never_asked_before_count_too():
    run = seen(faulted(lambda i: BY_PRIMARY | {"case": f"new-{i % 9}", "quality": 0.5}))
    finding = Envelope(suite="support", margin=0.10, over="mix").judge(run)
    assert finding.held is Held.NO
    assert "quality 0.50 against 1.00, -50.0 points (" in finding.reason
