"""The bet on "changed?": fair while nothing changes, whatever is known, and quick when it does."""

import random
from fractions import Fraction
from itertools import permutations
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.betting import (
    AHEAD,
    MATCHES_MAX,
    RECORDED_MAX,
    Answer,
    Betting,
    Kinship,
    answers_to_alarm,
    bets_from,
    factors,
    recorded_for,
    rounds_of,
)
from gameday.domain.sketch import sketch_of

WORDS = ["refunds", "take", "30", "days", "14", "no", "yes", "maybe", "."]
SKETCHES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(
    lambda words: sketch_of(" ".join(words))
)


def sketch(number):
    return sketch_of(f"answer number {number} is another one")


def first(candidates, place):
    return [candidates[place], *candidates[:place], *candidates[place + 1 :]]


@given(
    candidates=st.lists(SKETCHES, min_size=2, max_size=1 + MATCHES_MAX),
    known=st.lists(SKETCHES, max_size=8),
    new=st.lists(SKETCHES, max_size=8),
)
def test_a_factor_is_1_on_average_over_who_is_the_new_one(candidates, known, new):
    kinship = Kinship()
    each = [
        factors(first(candidates, place), known, new, kinship) for place in range(len(candidates))
    ]
    for bet in zip(*each, strict=True):
        assert min(bet) > 0
        assert fsum(bet) / len(bet) == pytest.approx(1.0, abs=1e-12)


@given(one=SKETCHES, other=SKETCHES, known=st.lists(SKETCHES), new=st.lists(SKETCHES))
def test_beside_one_recorded_answer_the_payoff_changes_its_sign_when_they_are_exchanged(
    one, other, known, new
):
    kinship = Kinship()
    payoffs = [factor - 1 for factor in factors([one, other], known, new, kinship)]
    exchanged = [factor - 1 for factor in factors([other, one], known, new, kinship)]
    assert payoffs == pytest.approx([-payoff for payoff in exchanged], abs=1e-12)


@given(
    candidates=st.lists(SKETCHES, min_size=2, max_size=6),
    known=st.lists(SKETCHES, max_size=8),
    new=st.lists(SKETCHES, max_size=8),
    tolerance=st.floats(0, 0.5),
)
def test_a_change_within_the_tolerance_adds_nothing_on_average(candidates, known, new, tolerance):
    """The worst that a share of the answers can do is to be the one with the highest factor."""
    kinship = Kinship()
    each = [
        factors(first(candidates, place), known, new, kinship) for place in range(len(candidates))
    ]
    allowed = 1 + 0.95 * tolerance * (len(candidates) - 1)
    for bet in zip(*each, strict=True):
        assert (1 - tolerance) * fsum(bet) / len(bet) + tolerance * max(bet) <= allowed + 1e-9


def capital_over_all_orders(answers, recorded, stop_at=float("inf")):
    """The mean capital over all ways in which exchangeable answers could have come."""
    every = []
    for order in permutations(answers):
        betting = Betting({"c": order[:recorded]})
        for one in order[recorded:]:
            if betting.evidence < stop_at:
                betting.see(Answer("c", one))
        every.append(betting.evidence)
    return fsum(every) / len(every)


@pytest.mark.parametrize("distinct", [1, 2, 3, 6])
@pytest.mark.parametrize("stop_at", [float("inf"), 1.1, 1.5])
def test_the_capital_is_a_martingale_by_exact_enumeration(distinct, stop_at):
    """Also at a time that somebody chose by looking at it: stopped as soon as it looks good."""
    answers = [sketch(place % distinct) for place in range(6)]
    assert capital_over_all_orders(answers, 3, stop_at) == pytest.approx(1.0, abs=1e-12)


def test_equal_answers_win_nothing():
    betting = Betting({"c": [sketch(0)] * 200})
    for _ in range(150):
        betting.see(Answer("c", sketch(0)))
    assert betting.evidence == pytest.approx(1.0)


def test_answers_that_were_never_heard_are_noticed_at_once():
    cases = iter(range(30))
    betting = Betting({str(case): [sketch(0)] * 12 for case in range(30)})
    while betting.evidence < 100:
        betting.see(Answer(str(next(cases)), sketch_of("I cannot say.")))
    assert betting.answers <= 10


def test_a_shift_among_known_answers_is_learned():
    """Nothing is new but how often each answer comes."""
    draw = random.Random(4)
    betting = Betting({"c": [sketch(draw.random() < 0.5) for _ in range(300)]})
    seen = 0
    while betting.evidence < 100 and seen < 100:
        betting.see(Answer("c", sketch(draw.random() < 0.02)))
        seen += 1
    assert seen < 60


@pytest.mark.parametrize(("alpha", "tolerance"), [(0.2, 0.0), (0.05, 0.0), (0.2, 0.05)])
def test_false_alarms_are_as_rare_as_promised_with_a_look_after_every_answer(alpha, tolerance):
    draw, streams = random.Random(11), 400

    def answer():
        return sketch(min(int(draw.expovariate(0.4)), 9))

    def alarms():
        betting = Betting({"c": [answer() for _ in range(40)]}, tolerance=tolerance)
        for _ in range(30):
            betting.see(Answer("c", answer()))
            if betting.evidence >= 1 / alpha:
                return True
        return False

    found = sum(alarms() for _ in range(streams))
    spread = (alpha * (1 - alpha) * streams) ** 0.5
    assert found <= alpha * streams + 2.5 * spread


def test_a_new_answer_needs_an_unused_recorded_one_to_the_same_case():
    betting = Betting({"c": [sketch(0)] * 4, "empty": []})
    for case in ("c", "c", "c", "c", "empty", "unheard"):
        betting.see(Answer(case, sketch(0)))
    assert (betting.answers, betting.left_out) == (3, 3)  # one of four is known from the beginning


def test_a_single_recorded_answer_bets_on_nothing():
    betting = Betting({"c": [sketch(0)]})
    betting.see(Answer("c", sketch(1)))
    assert (betting.answers, betting.left_out, betting.evidence) == (0, 1, 1.0)


def stuck(changed_keys, keys=8, answers=480, cases=20):
    """Requests of several keys; some keys' server gives answers that were never heard."""
    draw = random.Random(6)

    def usual():
        return sketch(draw.randrange(2))

    names = [f"tenant-{place}" for place in range(keys)]
    recorded = {f"c{case}": [usual() for _ in range(100)] for case in range(cases)}
    betting = Betting(recorded, keys=names)
    for place in range(answers):
        turn, key = divmod(place, keys)
        answer = sketch_of("I cannot say") if key < changed_keys else usual()
        betting.see(Answer(f"c{turn % cases}", answer, names[key]))
    return betting


def test_a_key_does_not_use_up_what_others_are_compared_with():
    """Three recorded answers to a case, and six keys that ask about it all the time."""
    draw, names = random.Random(5), [f"user-{place}" for place in range(6)]
    recorded = {f"c{case}": [sketch(draw.randrange(2)) for _ in range(3)] for case in range(80)}
    betting = Betting(recorded, keys=names)
    for place in range(6 * 80):
        answer = sketch(7) if place % 6 == 3 else sketch(draw.randrange(2))
        betting.see(Answer(f"c{place // 6}", answer, names[place % 6]))
    assert betting.left_out > 0  # of the whole stream's bets
    by_key = betting.evidence_of_keys()
    assert max(by_key, key=by_key.__getitem__) == "user-3"
    assert betting.evidence >= 100


@pytest.mark.parametrize("alpha", [0.1, 0.3])
def test_with_keys_a_false_alarm_is_as_rare_as_promised(alpha):
    """Looked at after every answer; the keys' bets hang together, for they share the record."""
    draw = random.Random(11)
    runs, alarms = 200, 0
    for _ in range(runs):
        recorded = {f"c{case}": [sketch(draw.randrange(3)) for _ in range(8)] for case in range(4)}
        betting = Betting(recorded, keys=["a", "b", "c"])
        for _place in range(60):
            case, key = f"c{draw.randrange(4)}", draw.choice("abc")
            betting.see(Answer(case, sketch(draw.randrange(3)), key))
            if betting.evidence >= 1 / alpha:
                alarms += 1
                break
    assert alarms / runs <= alpha + 2 * (alpha * (1 - alpha) / runs) ** 0.5


def test_keys_share_the_alarm_and_the_changed_ones_are_named():
    assert stuck(0).evidence <= 2.0
    betting = stuck(1)
    assert betting.left_out == 0
    assert betting.evidence >= 100
    by_key = betting.evidence_of_keys()
    assert max(by_key, key=by_key.__getitem__) == "tenant-0"
    assert sum(odds >= 100 for odds in by_key.values()) == 1


def test_groups_of_probes_are_told_apart():
    betting = Betting({case: [sketch(0), sketch(1)] * 20 for case in ("r", "s")})
    for place in range(12):
        betting.see(Answer("r", sketch(7), probe="retrieval"))
        betting.see(Answer("s", sketch(place % 2), probe="short"))
    by_probe = betting.evidence_of_probes()
    assert betting.answers_of_probes() == {"retrieval": 12, "short": 12}
    assert by_probe["retrieval"] > 100 > 10 > by_probe["short"]


def test_the_capital_never_overflows():
    betting = Betting({f"c{case}": [sketch(0)] * 100 for case in range(30)})
    for _ in range(70):
        for case in range(30):
            betting.see(Answer(f"c{case}", sketch(1)))
    assert 1e300 < betting.evidence < float("inf")


def test_of_a_long_recording_the_first_answers_are_used():
    betting = Betting({"c": [sketch(0)] * 5_000})
    for _ in range(RECORDED_MAX):
        betting.see(Answer("c", sketch(0)))
    assert betting.answers == bets_from(RECORDED_MAX, rounds_of(AHEAD, 1)) == 34


@pytest.mark.parametrize(("answers", "cases"), [(1, 1), (30, 1), (120, 40), (120, 200), (600, 40)])
def test_the_recorded_answers_that_a_case_needs_are_enough_and_one_fewer_is_not(answers, cases):
    needed = recorded_for(answers, cases)
    for recorded, enough in ((needed, True), (needed - 1, False)):
        reference = {f"c{place}": [sketch(0)] * recorded for place in range(cases)}
        betting = Betting(reference, ahead=max(AHEAD, answers))
        for place in range(answers):
            betting.see(Answer(f"c{place % cases}", sketch(0)))
        assert (betting.left_out == 0) is enough


def test_recorded_answers_are_dealt_out_over_the_rounds_that_are_expected():
    """Eight recorded ones a case, of which two are known: six beside one new answer, or fewer."""
    for ahead, bets in ((1, 2), (4, 4), (6, 5), (12, 6), (600, 6)):
        betting = Betting({"c": [sketch(0)] * 8, "d": [sketch(0)] * 8}, ahead=ahead)
        for _ in range(9):
            betting.see(Answer("c", sketch(0)))
        assert betting.answers == bets, ahead


@pytest.mark.parametrize("tolerance", [0.0, 0.05])
def test_no_change_is_noticed_before_the_fewest_answers(tolerance):
    """Even where each answer is as wrong as can be; and soon after it is."""
    needed = answers_to_alarm(0.01, tolerance)
    cases = [f"c{place}" for place in range(40)]
    betting = Betting({case: [sketch(0)] * 2 for case in cases}, tolerance=tolerance)
    for case in cases:
        if betting.evidence >= 100:
            break
        betting.see(Answer(case, sketch_of("I cannot say")))
    assert needed <= betting.answers <= 2 * needed


def test_exactly_half_of_the_bets_of_two_different_answers_win():
    """By hand, where the kernel is symmetric: the sum over both orders is 2 in whole numbers."""
    kinship = Kinship()
    both = [factors([a, b], [], [], kinship) for a, b in permutations([sketch(0), sketch(1)])]
    assert [Fraction(x) + Fraction(y) for x, y in zip(*both, strict=True)] == [2, 2, 2, 2]
