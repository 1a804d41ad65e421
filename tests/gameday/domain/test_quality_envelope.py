"""INSIDE, OUTSIDE or UNDECIDED: fair at the margin, on both sides of it, and never hasty."""

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.quality_envelope import QualityEnvelope, Verdict

ALPHA = 0.01


def envelope(recorded, margin=0.10, alpha=ALPHA):
    return QualityEnvelope(recorded, margin=margin, alpha=alpha)


def record(share, cases=20, each=50):
    """Cases of which the same share of recorded answers was right."""
    right = round(share * each)
    return {f"c{place}": [1.0] * right + [0.0] * (each - right) for place in range(cases)}


def asked(test, share, answers, seed=1):
    """Ask in shuffled rounds until there is a verdict; of the answers `share` is right."""
    draw, order = random.Random(seed), []
    cases = [f"c{place}" for place in range(20)]
    for _ in range(answers):
        if test.verdict is not Verdict.UNDECIDED:
            break
        order = order or draw.sample(cases, len(cases))
        test.see(order.pop(), float(draw.random() < share))
    return test


@pytest.mark.parametrize(
    ("now", "verdict"),
    [(0.93, "INSIDE"), (0.90, "INSIDE"), (0.82, "UNDECIDED"), (0.70, "OUTSIDE"), (0.5, "OUTSIDE")],
)
def test_both_sides_of_the_margin(now, verdict):
    assert asked(envelope(record(0.92)), now, 400).verdict == verdict


def test_quality_may_rise():
    assert asked(envelope(record(0.40)), 0.80, 100).verdict is Verdict.INSIDE


@given(
    shares=st.lists(st.integers(0, 20), min_size=2, max_size=2),
    drops=st.lists(st.floats(0, 1), min_size=2, max_size=2),
)
def test_at_the_margin_no_capital_grows_on_average(shares, drops):
    """Over both scores of both cases, weighted by how probable each is where D is -margin."""
    recorded = {
        case: [1.0] * right + [0.0] * (20 - right)
        for case, right in zip(("a", "b"), shares, strict=True)
    }
    now = [share / 20 * (1 - drop) for share, drop in zip(shares, drops, strict=True)]
    fall = sum(share / 20 - new for share, new in zip(shares, now, strict=True)) / 2
    if not 0.01 < fall < 0.99:
        return
    inside = outside = 0.0
    for (case, right), score in product(zip(("a", "b"), now, strict=True), (0.0, 1.0)):
        test = envelope(recorded, margin=fall)
        test.see(case, score)
        chance = (right if score else 1 - right) / 2
        inside += chance * test.evidence_inside
        outside += chance * test.evidence_outside
    assert inside == pytest.approx(1.0, abs=1e-9)
    assert outside == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("wrong", ["INSIDE", "OUTSIDE"])
@pytest.mark.parametrize("spread", [0.0, 0.4])
def test_at_the_margin_wrong_verdicts_are_as_rare_as_promised(wrong, spread):
    """In shuffled rounds with a look after every answer; cases that fell differently included."""
    draw, alpha, streams = random.Random(7), 0.1, 300
    recorded = {f"c{place}": [1.0] * 40 + [0.0] * 10 for place in range(10)}  # 0.8 each

    def ends():
        test, order = envelope(recorded, alpha=alpha), []
        for _ in range(150):
            order = order or draw.sample(range(10), 10)
            place = order.pop()
            shift = spread / 2 if place % 2 else -spread / 2
            test.see(f"c{place}", float(draw.random() < 0.7 + shift))
            if test.verdict is not Verdict.UNDECIDED:
                break
        return test.verdict

    found = sum(ends() == wrong for _ in range(streams))
    assert found <= alpha * streams + 2.5 * (alpha * (1 - alpha) * streams) ** 0.5


def test_one_answer_fewer_is_undecided():
    test = envelope(record(1.0))
    answers = 0
    while test.verdict is Verdict.UNDECIDED:
        assert test.evidence_inside < 1 / ALPHA
        test.see("c0", 1.0)
        answers += 1
    assert test.evidence_inside >= 1 / ALPHA
    assert 30 < answers < 70


def test_a_verdict_stands():
    test = asked(envelope(record(0.9)), 0.9, 400)
    assert test.verdict is Verdict.INSIDE
    for _ in range(100):
        test.see("c0", 0.0)
    assert test.verdict is Verdict.INSIDE
    assert test.difference < -0.1


def test_a_case_that_was_not_recorded_tells_nothing():
    test = envelope(record(0.9))
    test.see("unheard", 0.0)
    assert (test.answers, test.difference, test.further_answers) == (0, 0.0, None)


@pytest.mark.parametrize("recorded", [{}, {"c0": []}])
def test_without_a_record_it_stays_undecided(recorded):
    test = envelope(recorded)
    test.see("c0", 0.0)
    assert test.verdict is Verdict.UNDECIDED
    assert test.further_answers is None


def test_a_record_that_is_known_too_badly_decides_nothing():
    few = envelope({"c0": [1.0, 0.0, 1.0, 1.0]})
    assert few.record_error > 0.2
    for _ in range(500):
        few.see("c0", 0.8)
    assert few.evidence_inside >= 1 / ALPHA
    assert few.verdict is Verdict.UNDECIDED
    assert few.further_answers is None


@pytest.mark.parametrize("now", [0.60, 0.74, 0.93])
def test_the_further_answers_that_it_asks_for_are_about_enough(now):
    test = asked(envelope(record(0.9)), now, 25, seed=3)
    if test.verdict is Verdict.UNDECIDED:
        assert test.further_answers is not None
        more = asked(test, now, 4 * test.further_answers, seed=4)
        assert more.verdict is (Verdict.INSIDE if now > 0.8 else Verdict.OUTSIDE)


def test_at_the_margin_it_cannot_say_how_many_more():
    test = envelope(record(0.9))
    for place in range(200):
        test.see(f"c{place % 20}", 0.8)
    assert test.verdict is Verdict.UNDECIDED
    assert test.further_answers is None
