"""Cases that no longer pass: found where they fell, and rarely where nothing has changed."""

import math
import random
from collections.abc import Iterable

import pytest

from gameday.domain.fallen_cases import ALPHA, fallen_cases
from gameday.domain.samples import Samples
from gameday.domain.statistics import chance_of_drawing
from tests.gameday.faults.judged import answered


def rated(cases: Iterable[tuple[str, int, int]]) -> Samples:
    """case, how many passed, how many failed."""
    rows = [
        (case, ok) for case, passed, failed in cases
        for ok in [True] * passed + [False] * failed
    ]  # fmt: skip
    return Samples.of(
        answered(seq=n, case=case, passed=ok, quality=float(ok))
        for n, (case, ok) in enumerate(rows)
    )


def test_a_case_that_stopped_passing_is_found_among_those_that_go_on():
    others = [(f"c{n}", 12, 0) for n in range(20)]
    now = rated([("refund", 0, 8), *others])
    assert fallen_cases(rated([("refund", 12, 0), *others]), now) == {"refund"}


@pytest.mark.parametrize("failed", [1, 2])
def test_a_failure_or_two_prove_nothing(failed: int):
    before = rated([("refund", 4, 0), ("price", 4, 0)])
    assert fallen_cases(before, rated([("refund", 3, failed), ("price", 4, 0)])) == frozenset()


def test_a_case_that_was_a_gamble_before_tells_nothing():
    assert fallen_cases(rated([("refund", 10, 10)]), rated([("refund", 0, 50)])) == frozenset()


def test_a_case_that_was_not_asked_before_or_is_not_asked_now_tells_nothing():
    assert fallen_cases(rated([("a", 20, 0)]), rated([("b", 0, 20)])) == frozenset()
    assert fallen_cases(rated([]), rated([("b", 0, 20)])) == frozenset()


def test_where_nothing_has_changed_hardly_any_run_has_a_fallen_case():
    draw, alarms, runs = random.Random(7), 0, 300
    for _ in range(runs):
        tallies = []
        for answers in (12, 12):
            passed = [sum(draw.random() < 0.95 for _ in range(answers)) for _ in range(20)]
            tallies.append([(f"c{n}", ok, answers - ok) for n, ok in enumerate(passed)])
        alarms += bool(fallen_cases(*map(rated, tallies)))
    assert alarms <= 2 * ALPHA * runs


@pytest.mark.parametrize(
    ("before", "after"),
    [((12, 0), (0, 8)), ((12, 1), (7, 3)), ((30, 2), (1, 1)), ((5, 0), (5, 5)), ((3, 3), (0, 1))],
)
def test_the_chance_is_fishers(before: tuple[int, int], after: tuple[int, int]):
    (passed, failed), (passed_after, failed_after) = before, after
    ours = chance_of_drawing(
        failed_after,
        failed_after + passed_after,
        failed + failed_after,
        passed + failed + passed_after + failed_after,
    )
    of, marked = failed_after + passed_after, failed + failed_after
    total = of + passed + failed
    ways = sum(
        math.comb(marked, k) * math.comb(total - marked, of - k)
        for k in range(failed_after, min(of, marked) + 1)
    )
    assert ours == pytest.approx(ways / math.comb(total, of), rel=1e-9)
