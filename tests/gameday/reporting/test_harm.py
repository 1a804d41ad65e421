"""What users would have felt, from the worst to the mildest."""

import random

from gameday.reporting.harm import describe_harm, longest_without_answer_s
from tests.gameday.reporting.runs import by_nobody, by_primary, make_sample, make_samples

BASELINE = make_samples(by_primary, 5)


def bad_between(first_s, last_s, seconds=20.0):
    return make_samples(
        lambda draw, due: (by_nobody if first_s <= due < last_s else by_primary)(draw, due), seconds
    )


def test_a_stretch_without_any_answer_comes_first():
    assert describe_harm(bad_between(4, 14), BASELINE) == "For 10 s nobody got an answer"


def test_a_share_is_told_when_answers_came_in_between():
    samples = [*bad_between(4, 4.2)]
    assert describe_harm(samples, BASELINE) == "4 of 400 requests got no answer (1.0%)"


def test_everything_lost_is_said_as_such():
    lost = make_samples(by_nobody, 10)
    sentence = describe_harm(lost, BASELINE)
    assert sentence == "From the injection to the end nobody got an answer (200 requests)"


def test_slower_answers_are_told_with_both_figures():
    sentence = describe_harm(make_samples(by_primary, 5, seed=8), BASELINE)
    assert sentence.startswith("Every request got an answer, p95 ")
    assert "before the fault" in sentence


def test_no_sample_is_not_no_harm():
    assert describe_harm([], BASELINE) == "Nobody knows what users would have felt"


def test_the_longest_stretch_runs_from_the_first_due_to_the_next_answer():
    draw = random.Random(1)
    samples = [
        make_sample(0, 0.0, draw, by_primary),
        make_sample(1, 1.0, draw, by_nobody),
        make_sample(2, 2.0, draw, by_nobody),
        make_sample(3, 5.0, draw, by_primary),
        make_sample(4, 6.0, draw, by_nobody),
    ]
    expected = (samples[3].finished_at - samples[1].intended_at).total_seconds()
    assert longest_without_answer_s(samples) == expected
    assert longest_without_answer_s(samples[:1]) == 0.0
    assert 0 < longest_without_answer_s(samples[4:]) < 0.1
