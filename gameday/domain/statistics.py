"""The few statistics that a drill needs, exact and without a library at run time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul

_MANY = 20_000  # values, beyond which looking at each is much cheaper than sorting them
_PROBES = 1_000
_SPARE = 20  # probes that the floor is put below the one that is wanted
Z_95_ONE_SIDED = 1.6448536269514722  # standard normal quantile at 0.95


def percentile(values: Sequence[float], quantile: float) -> float | None:
    """The smallest value that at least `quantile` of `values` do not exceed; None when empty.

    Nearest-rank, so the answer is a latency that somebody really saw.
    """
    if len(values) < _MANY:
        return nearest_rank(sorted(values), quantile)
    # Of many values only those are sorted that are not certainly below: for a high quantile, few.
    probe = sorted(values[:: len(values) // _PROBES])
    floor = probe[max(0, math.floor(quantile * len(probe)) - _SPARE)]
    above = sorted([value for value in values if value >= floor])
    place = _rank(quantile, len(values)) - (len(values) - len(above))
    return above[place - 1] if place > 0 else nearest_rank(sorted(values), quantile)


def nearest_rank(ordered: Sequence[float], quantile: float) -> float | None:
    """The percentile of values that are sorted already; None when there is none."""
    if not ordered:
        return None
    return ordered[_rank(quantile, len(ordered)) - 1]


def _rank(quantile: float, count: int) -> int:
    return max(1, math.ceil(quantile * count - 1e-9))


def requests_for_percentile(quantile: float, beyond: int = 10) -> int:
    """How many requests leave at least `beyond` of them above the quantile."""
    return math.ceil(beyond / (1 - quantile) - 1e-9)


def chance_of(count: int, of: int, share: float) -> float:
    """How probable `count` or more of `of` are, where each comes with the probability `share`."""
    logs = (
        math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        + k * math.log(share) + (of - k) * math.log1p(-share)
        for k in range(count, of + 1)
    )  # fmt: skip
    return math.fsum(math.exp(log) for log in logs)


def chance_of_drawing(count: int, of: int, marked: int, total: int) -> float:
    """How probable it is that `of` drawn from `total` have `count` or more of the `marked` ones.

    Without putting back: Fisher's exact test, one-sided.
    """

    def log_ways(among: int, taken: int) -> float:
        return math.lgamma(among + 1) - math.lgamma(taken + 1) - math.lgamma(among - taken + 1)

    fewest, most = max(count, of - (total - marked)), min(of, marked)
    every = log_ways(total, of)
    return math.fsum(
        math.exp(log_ways(marked, k) + log_ways(total - marked, of - k) - every)
        for k in range(fewest, most + 1)
    )


@dataclass(frozen=True)
class Difference:
    """A mean difference and its one-sided 95 % bounds."""

    mean: float
    standard_error: float
    strata: int

    @property
    def lower(self) -> float:
        return self.mean - Z_95_ONE_SIDED * self.standard_error

    @property
    def upper(self) -> float:
        return self.mean + Z_95_ONE_SIDED * self.standard_error


def stratified_difference(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]
) -> Difference | None:
    """Mean of `after` minus mean of `before`, case by case, over the cases both have seen.

    before, after: scores by case. The cases are taken as fixed, so only the spread *within* a
    case counts; it is pooled over cases, because one case seen twice cannot tell its own. None
    when no case was seen in both, or no case was seen twice in either (no spread to estimate).
    """
    shared = sorted(case for case in before if before[case] and after.get(case))
    variance_before = pooled_variance(before)
    variance_after = pooled_variance(after)
    if not shared or variance_before is None or variance_after is None:
        return None
    differences = [mean(after[case]) - mean(before[case]) for case in shared]
    variance = sum(
        variance_before / len(before[case]) + variance_after / len(after[case]) for case in shared
    )
    weight = 1 / len(shared)
    return Difference(mean(differences), math.sqrt(variance) * weight, len(shared))


def difference_of_means(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]
) -> Difference | None:
    """Mean of `after` minus mean of `before`, each over all that was asked, as often as it was.

    before, after: scores by case. As in `stratified_difference` only the spread within a case
    counts; but what is asked more often weighs more, and other cases may be asked. None when
    nothing was asked, or no case twice.
    """
    variances = pooled_variance(before), pooled_variance(after)
    if variances[0] is None or variances[1] is None:
        return None
    asked = [
        [score for values in scores.values() for score in values] for scores in (before, after)
    ]
    error = math.sqrt(variances[0] / len(asked[0]) + variances[1] / len(asked[1]))
    strata = sum(1 for values in after.values() if values)
    return Difference(mean(asked[1]) - mean(asked[0]), error, strata)


def answers_difference(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]
) -> Difference | None:
    """Mean, over the answers of `after`, of a score minus its case's mean in `before`.

    For few answers to many cases, of which hardly one was asked twice. The spread is that of these
    differences. None below two answers to cases that `before` has seen.
    """
    usual = {case: mean(values) for case, values in before.items() if values}
    changes = [
        value - usual[case] for case, values in after.items() if case in usual for value in values
    ]
    if len(changes) < 2:
        return None
    middle = mean(changes)
    variance = sum((change - middle) ** 2 for change in changes) / (len(changes) - 1)
    strata = sum(1 for case, values in after.items() if case in usual and values)
    return Difference(middle, math.sqrt(variance / len(changes)), strata)


def answers_to_see(drop: float, chance: float = 0.01) -> int:
    """So many answers without a failure leave a drop by that share at most this `chance`."""
    return math.ceil(math.log(chance) / math.log1p(-drop))


def envelope_requests(margin: float, expected_variance: float = 0.08) -> int:
    """Requests that each of two windows needs to tell a drop of `margin` from none.

    The 95 % half-width of the difference must be at most half the margin. 0.08 is the variance
    of a pass/fail score at a pass rate of 0.91.
    """
    return math.ceil(2 * expected_variance * (2 * Z_95_ONE_SIDED / margin) ** 2)


def pooled_variance(scores: Mapping[str, Sequence[float]]) -> float | None:
    """How much scores vary within a case, over all cases; None where none was seen twice."""
    freedom = sum(len(values) - 1 for values in scores.values() if values)
    if freedom < 1:
        return None
    squares = 0.0
    for values in scores.values():
        if values:
            centre = mean(values)
            off = [value - centre for value in values]
            squares += sum(map(mul, off, off))
    return squares / freedom


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
