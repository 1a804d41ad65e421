"""A recorded reference: what it keeps, what it refuses, and that it compares like a baseline."""

from datetime import timedelta

import pytest

from gameday.domain.detection import Detect, Detector
from gameday.domain.reference import About, Reference
from gameday.domain.sample import Outcome
from gameday.domain.samples import Samples
from gameday.domain.sketch import sketch_of
from tests.gameday.checks.staged import ARMED_AT, START, sample

ABOUT = About(
    target="shop",
    environment="staging",
    suite="support",
    suite_digest="a" * 64,
    recorded_at=START,
    expires_at=START + timedelta(days=30),
    recorded_by="eva",
)


def answered(start, text, n=400, **fields):
    return Samples.of(
        [
            sample(
                seq,
                start + timedelta(seconds=seq / 20),
                case=f"c{seq % 40:02}",
                case_group="short" if seq % 2 else "retrieval",
                sketch=sketch_of(f"{text} {seq % 3}"),
                model="heron-4",
                fingerprint="fp1",
                user=f"user-{seq % 3}",
                **fields,
            )
            for seq in range(n)
        ]
    )


RECORDED = answered(START, "It takes days, about")
REFERENCE = Reference.of(RECORDED, ABOUT)


def test_it_keeps_what_was_answered_by_case_and_by_whom():
    assert REFERENCE.answers == 400
    assert REFERENCE.failures == 0
    assert REFERENCE.answered_by == {"heron-4 fp1": 400}
    assert REFERENCE.streams["user"] == ("user-0", "user-1", "user-2")
    case = REFERENCE.cases["c01"]
    assert case.group == "short"
    assert (case.kept, case.reserve, len(case.scores)) == (2, 8, 10)


def test_it_holds_no_text():
    assert "takes" not in REFERENCE.model_dump_json()


def test_failures_are_scores_of_0_and_no_sketches():
    lost = answered(START, "It", outcome=Outcome.TIMEOUT, quality=None)
    mixed = Reference.of(RECORDED | lost, ABOUT)
    assert (mixed.answers, mixed.failures) == (400, 400)
    assert sorted(set(mixed.cases["c00"].scores)) == [0.0, 1.0]


def test_its_digest_is_over_all_of_it():
    assert REFERENCE.digest == REFERENCE.digest_now()
    changed = REFERENCE.cases | {"c00": REFERENCE.cases["c01"]}
    assert REFERENCE.model_copy(update={"cases": changed}).digest_now() != REFERENCE.digest
    assert Reference.model_validate_json(REFERENCE.model_dump_json()) == REFERENCE


@pytest.mark.parametrize(
    ("reference", "about", "why"),
    [
        ({}, {}, ""),
        ({}, {"recorded_at": ABOUT.expires_at - timedelta(seconds=1)}, ""),
        ({}, {"recorded_at": ABOUT.expires_at}, "the recording is too old: it was good until 2026"),
        ({}, {"suite_digest": "b" * 64}, "the suite support was changed since 2026-01-05"),
        ({"digest": "0"}, {}, "the recording is not as it was written"),
    ],
)
def test_when_it_cannot_be_compared_with(reference, about, why):
    old = REFERENCE.model_copy(update=reference)
    now = ABOUT.model_copy(update=about)
    found = old.why_not(now.suite_digest, now.recorded_at)
    assert found.startswith(why)
    assert bool(found) is bool(why)


@pytest.mark.parametrize("text", ["It takes days, about", "Nobody knows"])
@pytest.mark.parametrize("sticky_by", [None, "user"])
def test_a_detector_finds_the_same_as_with_the_samples_it_was_made_of(text, sticky_by):
    detect = Detect(sticky_by=sticky_by)
    new = answered(ARMED_AT, text, n=120)
    recorded = Detector(REFERENCE.before(sticky_by), detect)
    fresh = Detector(RECORDED, detect)
    assert recorded.see(new) == fresh.see(new)
    assert recorded.betting.evidence == fresh.betting.evidence
    assert (recorded.detection is not None) is (text == "Nobody knows")
