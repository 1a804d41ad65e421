"""What each group of questions shows, of answers that changed in some groups only."""

import random
from datetime import timedelta

import pytest

from gameday.domain.detection import Before
from gameday.domain.quality_envelope import Verdict
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.shown import shown_by_group
from gameday.domain.sketch import sketch_of
from tests.gameday.checks.staged import ARMED_AT, START, sample

GROUPS = ("retrieval", "long", "short")
OLD = ("Refunds take 14 days.", "A refund takes 14 days.", "It takes 14 days.")
NEW = ("I cannot say.", "That depends.", "Ask our team.")


def stream(start, n, *, changed=(), worse=(), **fields):
    """Answers to 30 cases, ten of each group, in turn."""
    draw = random.Random(n)
    made = []
    for seq in range(n):
        group = GROUPS[seq % 3]
        right = 0.2 if group in worse else 0.95
        own = {
            "case": f"case-{seq % 30}",
            "case_group": group,
            "sketch": sketch_of(draw.choice(NEW if group in changed else OLD)),
            "quality": float(draw.random() < right),
        }
        made.append(sample(seq, start + timedelta(seconds=seq / 20), **(own | fields)))
    return made


BEFORE = Before.of(Samples.of(stream(START, 900)))


def shown(samples, before=BEFORE):
    return shown_by_group(before, samples, margin=0.10, alpha=0.01)


def test_a_group_that_is_worse_is_told_from_those_that_are_as_they_were():
    found = shown(stream(ARMED_AT, 300, changed=("retrieval",), worse=("retrieval",)))
    assert set(found) == set(GROUPS)
    assert found["retrieval"].odds > 1000
    assert found["retrieval"].verdict is Verdict.OUTSIDE
    assert found["retrieval"].points < -50
    for group in ("long", "short"):
        assert found[group].odds < 3
        assert found[group].verdict is not Verdict.OUTSIDE
        assert found[group].answers == 100


def test_other_words_that_are_as_right_are_a_change_and_no_harm():
    found = shown(stream(ARMED_AT, 1500, changed=("long",)))
    assert found["long"].odds > 1000
    assert found["long"].verdict is Verdict.INSIDE
    assert found["long"].figures.endswith("points: INSIDE")


def test_requests_that_failed_are_worse_and_no_other_answers():
    samples = [
        one.changed(outcome=Outcome.TIMEOUT, quality=None, sketch="")
        if one.case_group == "short"
        else one
        for one in stream(ARMED_AT, 300)
    ]
    found = shown(samples)
    assert found["short"].verdict is Verdict.OUTSIDE
    assert (found["short"].odds, found["short"].answers) == (1.0, 0)


@pytest.mark.parametrize("group", ["", "retrieval"])
def test_questions_that_nobody_recorded_tell_nothing(group):
    asked = sample(1, ARMED_AT, case="new", case_group=group, sketch=sketch_of("x"), quality=0.0)
    (only,) = shown([asked]).values()
    assert (only.odds, only.answers, only.verdict) == (1.0, 0, Verdict.UNDECIDED)


def test_nothing_was_asked():
    assert shown([]) == {}


def test_turns_in_the_middle_of_a_conversation_count_for_nothing():
    assert shown(stream(ARMED_AT, 300, changed=GROUPS, worse=GROUPS, turns_left=1)) == {}
