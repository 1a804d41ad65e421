"""A change is noticed at the same answer, however the stream is cut into looks."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.domain.detection import Detect, Detector
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.sketch import sketch_of
from tests.gameday.checks.staged import ARMED_AT, START, sample

OLD = ("Refunds take 14 days.", "A refund takes 14 days.", "It takes 14 days.")
NEW = ("I cannot say.", "That depends.", "Ask our team.")
BOTH = Detect()


def stream(start, texts, n, *, seed=1, right=1.0, **fields):
    """Answers of 40 cases, 20 a second; some take longer than the next ones."""
    draw = random.Random(seed)
    made = []
    for seq in range(n):
        own = {
            "sketch": sketch_of(draw.choice(texts)),
            "latency_ms": draw.uniform(100, 400),
            "quality": float(draw.random() < right),
            "tokens_out": 10,
        } | fields
        made.append(sample(seq, start + timedelta(seconds=seq / 20), **own))
    return made


REFERENCE = Samples.of(stream(START, OLD, 800, right=0.95))


def detected(samples, detect=BOTH, reference=REFERENCE):
    return Detector(reference, detect).see(samples)


def test_nothing_changed_nothing_noticed():
    assert detected(stream(ARMED_AT, OLD, 600, seed=2, right=0.95)) is None


def test_other_answers_are_noticed_with_when_how_surely_and_after_how_many():
    found = detected(stream(ARMED_AT, NEW, 100, seed=2))
    assert found.by == "changed"
    assert found.requests < 20
    assert found.tokens == 10 * found.requests
    assert found.evidence >= 200  # two ways are looked at, so each has half of alpha
    assert timedelta(0) < found.at - ARMED_AT < timedelta(seconds=2)
    assert found.sentence == (
        f"the answers are no longer those of before: evidence {found.evidence:.0f} to 1 after "
        f"{found.requests} requests ({10 * found.requests} tokens), at most a 1 % chance of a "
        "false alarm"
    )


def test_one_answer_fewer_is_not_enough():
    answers = sorted(stream(ARMED_AT, NEW, 100, seed=2), key=lambda s: s.finished_at)
    found = detected(answers)
    assert detected(answers[: found.requests - 1]) is None
    assert detected(answers[: found.requests]) == found


def test_worse_scores_of_the_same_words_are_outside_the_envelope():
    found = detected(stream(ARMED_AT, OLD, 300, seed=2, right=0.6))
    assert found.by == "envelope"
    assert "points below the recorded, outside the 10-point margin after" in found.sentence


def test_failures_are_bad_quality_and_tell_nothing_of_the_answers():
    failed = {"outcome": Outcome.HTTP_ERROR, "quality": None, "sketch": ""}
    detector = Detector(REFERENCE, BOTH)
    found = detector.see(stream(ARMED_AT, OLD, 60, **failed))
    assert found.by == "envelope"
    assert detector.betting.answers == 0


@pytest.mark.parametrize("left_out", ["control", "left", "mid-conversation", "not sketched"])
def test_some_answers_are_not_looked_at(left_out):
    fields = {
        "control": {"group": "control"},
        "left": {"outcome": Outcome.LEFT, "quality": None},
        "mid-conversation": {"turns_left": 1},
        "not sketched": {"sketch": "", "quality": None},
    }[left_out]
    assert detected(stream(ARMED_AT, NEW, 200, **fields)) is None


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.sampled_from([OLD, NEW]))
def test_looks_do_not_matter(looks, texts):
    """Incremental is the same as all at once, in the order in which the answers ended."""
    answers = sorted(
        stream(ARMED_AT, texts, sum(looks), seed=3), key=lambda s: (s.finished_at, s.seq)
    )
    cut, detector = list(answers), Detector(REFERENCE, BOTH)
    for look in looks:
        detector.see(cut[:look])
        del cut[:look]
    at_once = Detector(REFERENCE, BOTH)
    shuffled = random.Random(5).sample(answers, len(answers))
    assert at_once.see(shuffled) == detector.detection
    assert at_once.betting.evidence == detector.betting.evidence
    assert at_once.envelope.evidence_inside == detector.envelope.evidence_inside


def test_the_first_detection_stands():
    detector = Detector(REFERENCE, BOTH)
    answers = stream(ARMED_AT, NEW, 200, seed=2, right=0.2)
    found = detector.see(answers[:100])
    assert detector.see(answers[100:]) == found


@pytest.mark.parametrize(("by", "noticed"), [("changed", True), ("envelope", False)])
def test_only_what_is_asked_for_counts(by, noticed):
    detect = Detect(by=(by, "alert"))
    assert detect.alpha_each == 0.01
    assert (detected(stream(ARMED_AT, NEW, 100), detect) is not None) is noticed


def test_the_questions_that_changed_name_the_component():
    groups = ("retrieval", "short")
    reference = [s.changed(case_group=groups[s.seq % 2]) for s in REFERENCE]
    changed = stream(ARMED_AT, NEW, 200, seed=2)
    same = stream(ARMED_AT, OLD, 200, seed=2)
    answers = [
        (same if place % 2 else changed)[place].changed(case_group=groups[place % 2])
        for place in range(200)
    ]
    found = detected(answers, reference=Samples.of(reference))
    assert "(retrieval questions alone: probably the corpus, or what is retrieved" in found.sentence


def test_of_sticky_keys_each_is_looked_at():
    def by_tenant(samples):
        return [s.changed(tenant=f"t{s.seq % 4}") for s in samples]

    reference = Samples.of(by_tenant(REFERENCE))
    detector = Detector(reference, Detect(sticky_by="tenant"))
    detector.see(by_tenant(stream(ARMED_AT, NEW, 100)))
    assert set(detector.betting.evidence_of_keys()) == {"t0", "t1", "t2", "t3"}


def test_a_change_for_one_user_names_the_user():
    def by_user(samples):
        return [s.changed(user=f"u{s.seq // 40 % 5}") for s in samples]

    reference = Samples.of(by_user(REFERENCE))
    old, new = (by_user(stream(ARMED_AT, texts, 800, seed=6)) for texts in (OLD, NEW))
    mixed = [pair[own.user == "u3"] for pair in zip(old, new, strict=True) for own in pair[:1]]
    found = Detector(reference, Detect(sticky_by="user", by=("changed",))).see(mixed)
    assert found.sentence.startswith("the answers for user u3 are no longer those of before")


def test_a_way_is_named_once():
    with pytest.raises(ValidationError, match="by names one way twice"):
        Detect(by=("changed", "changed"))


@pytest.mark.parametrize(("by", "pieces"), [("changed", 10), ("envelope", 0), ("alert", 0)])
def test_sketches_are_asked_for_where_they_are_needed(by, pieces):
    assert Detect(by=(by,)).sketch_pieces() == pieces
