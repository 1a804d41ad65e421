"""Says what users would have felt, in one sentence with its numbers."""

from collections.abc import Iterable, Sequence

from gameday.domain.sample import Sample
from gameday.domain.statistics import percentile

STRETCH_S_MIN = 1.0  # a shorter stretch without an answer is told as a share of requests


def describe_harm(samples: Sequence[Sample], baseline: Sequence[Sample]) -> str:
    """Say what users would have felt most, without a full stop.

    samples: from the injection to the end of the run.
    """
    bad = sum(not sample.good for sample in samples)
    stretch_s = longest_without_answer_s(samples)
    if bad and bad == len(samples):
        return f"From the injection to the end nobody got an answer ({bad:,} requests)"
    if stretch_s >= STRETCH_S_MIN:
        return f"For {stretch_s:.0f} s nobody got an answer"
    if bad:
        return f"{bad:,} of {len(samples):,} requests got no answer ({bad / len(samples):.1%})"
    before, after = _p95_ms(baseline), _p95_ms(samples)
    if before is None or after is None:
        return "Nobody knows what users would have felt"
    return f"Every request got an answer, p95 {after:,.0f} ms (before the fault {before:,.0f} ms)"


def longest_without_answer_s(samples: Iterable[Sample]) -> float:
    """How long the longest stretch of nothing but failed requests was.

    It runs from when the first of them was due to when the next answer came, or, where none
    came, to when the last of them had failed.
    """
    longest_s, began = 0.0, None
    for sample in sorted(samples, key=lambda sample: sample.finished_at):
        if began is None and not sample.good:
            began = sample.intended_at
        if began is not None:
            longest_s = max(longest_s, (sample.finished_at - began).total_seconds())
        if sample.good:
            began = None
    return longest_s


def _p95_ms(samples: Iterable[Sample]) -> float | None:
    return percentile([sample.latency_ms for sample in samples if sample.good], 0.95)
