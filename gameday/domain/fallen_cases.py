"""The cases of a suite that used to pass and no longer do, beyond what chance would make of them.

An edit of a document shows in the few cases that ask for it: over the whole suite it would be lost.
"""

from gameday.domain.samples import Samples
from gameday.domain.statistics import chance_of_drawing

ALPHA = 0.01  # the chance that any case at all is called fallen where nothing has changed
_USUALLY = 0.9  # share of a case's answers that passed before: one that is a gamble tells nothing


def fallen_cases(before: Samples, after: Samples) -> frozenset[str]:
    """Those that pass less often in `after` than in `before`, by Fisher's exact test.

    Each case is asked alone, at alpha over the number of cases (Bonferroni).
    """
    passed, failed = _counts(before)
    passed_after, failed_after = _counts(after)
    able = {case: n for case, n in passed.items() if n >= _USUALLY * (n + failed.get(case, 0))}
    fallen = set()
    for case, good in able.items():
        bad, bad_after = failed.get(case, 0), failed_after.get(case, 0)
        of = bad_after + passed_after.get(case, 0)
        chance = chance_of_drawing(bad_after, of, bad + bad_after, good + bad + of)
        if bad_after and chance <= ALPHA / len(able):
            fallen.add(case)
    return frozenset(fallen)


def _counts(samples: Samples) -> tuple[dict[str, int], dict[str, int]]:
    """How many answers passed the suite, and how many did not, by case."""
    rated = samples.rated.good
    passed = rated.where("passed", lambda it: it is True).tally("case")
    failed = rated.where("passed", lambda it: it is False).tally("case")
    return passed, failed
