"""Says what users would have felt, in one sentence with its numbers."""

from bisect import bisect_right
from collections.abc import Sequence

from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.statistics import percentile

STRETCH_S_MIN = 1.0  # a shorter stretch without an answer is told as a share of requests


def describe_harm(recorded: Sequence[Sample], baseline: Sequence[Sample]) -> str:
    """Say what users would have felt most, without a full stop.

    recorded: from the injection to the end of the run.
    """
    samples = Samples.of(recorded)
    bad = len(samples) - len(samples.good)
    stretch_s = longest_without_answer_s(samples)
    if bad and bad == len(samples):
        return f"From the injection to the end nobody got an answer ({bad:,} requests)"
    if stretch_s >= STRETCH_S_MIN:
        return f"For {stretch_s:.0f} s nobody got an answer"
    if bad:
        return f"{bad:,} of {len(samples):,} requests got no answer ({bad / len(samples):.1%})"
    before, after = _p95_ms(Samples.of(baseline)), _p95_ms(samples)
    if before is None or after is None:
        return "Nobody knows what users would have felt"
    return f"Every request got an answer, p95 {after:,.0f} ms (before the fault {before:,.0f} ms)"


def longest_without_answer_s(recorded: Sequence[Sample]) -> float:
    """How long the longest stretch of nothing but failed requests was.

    It runs from when the first of them was due to when the next answer came, or, where none
    came, to when the last of them had failed.
    """
    samples = Samples.of(recorded)
    failures = (samples - samples.good).pairs("finished_at", "intended_at")
    if not failures:
        return 0.0
    first_us, last_us = failures[0][0], failures[-1][0]
    since = samples.good.where_number("finished_at", first_us.__le__)
    after = since.where_number("finished_at", last_us.__lt__)
    # Only answers between failures, and the next one after them, can end a stretch.
    answers_us = sorted((since - after).numbers("finished_at"))
    answers_us += [min(after.numbers("finished_at"))] if after else []
    began_us: dict[int, int] = {}  # by how many answers came before: the first failure was due
    failed_us: dict[int, int] = {}  # and the last one had failed
    for finished_us, intended_us in failures:
        stretch = bisect_right(answers_us, finished_us)
        began_us.setdefault(stretch, intended_us)
        failed_us[stretch] = finished_us
    ends_us = {n: answers_us[n] if n < len(answers_us) else failed_us[n] for n in began_us}
    return max((ends_us[n] - began_us[n] for n in began_us), default=0) / 1e6


def _p95_ms(samples: Samples) -> float | None:
    return percentile(samples.good.numbers("latency_ms"), 0.95)
