"""The check `unchanged`: other questions are no other answers."""

import random

import pytest

from gameday.checks.unchanged import Unchanged
from gameday.domain.sketch import sketch_of
from gameday.domain.verdict import Held
from tests.gameday.checks.staged import BY_PRIMARY, baseline, faulted, planned, recovered, seen

CHECK = Unchanged(compared_min=40)
SAYS = ("Refunds take 14 days.", "A refund takes 14 days.", "It takes 14 days.")


def answers(seed, case=lambda i: f"case-{i % 40}", **more):
    """Answers that vary, as sampled ones do, and differ from question to question."""
    pick = random.Random(seed)

    def make(i):
        words = f"{case(i)} {pick.choice(SAYS)}"
        return BY_PRIMARY | {"case": case(i), "sketch": sketch_of(words)} | more

    return make


def test_the_same_answers_to_another_mix_of_questions_are_unchanged():
    """Five of forty questions are all that is asked now."""
    run = seen(
        baseline(answers(1), n=800), faulted(answers(2, case=lambda i: f"case-{i % 5}"), n=600)
    )
    finding = CHECK.judge(run)
    assert finding.held is Held.YES
    assert finding.reason.endswith("asked before as well (an alarm is 100 to 1)")


def test_other_answers_to_the_same_questions_are_noticed_whatever_the_mix():
    changed = {"sketch": sketch_of("I cannot say anything about that today.")}
    run = seen(
        baseline(answers(1), n=800),
        faulted(answers(2, case=lambda i: f"case-{i % 5}", **changed), n=600),
    )
    finding = CHECK.judge(run)
    assert finding.held is Held.NO
    assert finding.reason.startswith("the answers are no longer those of before: evidence ")


@pytest.mark.parametrize(("compared_min", "held"), [(600, "unknown"), (20, "yes")])
def test_too_few_that_could_be_compared_say_nothing(compared_min, held):
    run = seen(baseline(answers(1), n=100), faulted(answers(2), n=600))
    finding = Unchanged(compared_min=compared_min).judge(run)
    assert finding.held == held
    assert "answers to questions that were asked before as well" in finding.reason


def test_another_window_may_be_judged():
    bad = {"sketch": sketch_of("I cannot say anything about that today.")}
    run = seen(
        baseline(answers(1), n=800), faulted(answers(3, **bad)), recovered(answers(2), n=400)
    )
    assert Unchanged(window="recovered").judge(run).held is Held.YES
    assert Unchanged().judge(run).held is Held.NO


@pytest.mark.parametrize(
    ("check", "specs", "why"),
    [
        (Unchanged(), {}, ""),
        (Unchanged(compared_min=5), {}, "5 answers are too few to notice any change: 8 are needed"),
        (Unchanged(window="responded"), {}, "it judges the window responded, which the drill"),
        (Unchanged(), {"faulted": 1.0}, "to compare 40 answers needs 40 requests"),
        (Unchanged(), {"baseline": 5.0}, "each answer is compared with an unused one of"),
    ],
)
def test_what_can_never_tell_is_refused_beforehand(check, specs, why):
    assert check.cannot_decide(planned(**specs)).startswith(why)
    assert bool(check.cannot_decide(planned(**specs))) is bool(why)
