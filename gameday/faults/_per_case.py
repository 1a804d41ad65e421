"""What answers usually cost or count, each against the others to the same question."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from gameday.domain.sample import Sample
from gameday.domain.statistics import percentile


def usual_of(
    answers: Iterable[Sample], value: Callable[[Sample], float]
) -> Callable[[Sample], float] | None:
    """The median of `value` over the answers to a sample's question, else over all of them.

    None when no answer has a value above 0. Answers to one question differ less than questions.
    """
    by_case: dict[str, list[float]] = defaultdict(list)
    for sample in answers:
        if value(sample):
            by_case[sample.case].append(value(sample))
    overall = percentile([one for values in by_case.values() for one in values], 0.5)
    if overall is None:
        return None

    def usual(sample: Sample) -> float:
        return percentile(by_case.get(sample.case, []), 0.5) or overall

    return usual
