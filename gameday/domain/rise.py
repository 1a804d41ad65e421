"""A drill that breaks nothing: its load goes up, and that is what it does to the world.

Such a drill has a window `peak` where others have `faulted`. It must do something as they must:
the load must really have arrived at its peak, else nothing was rehearsed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from gameday.domain.arrivals import RateCurve
from gameday.domain.plan import NEARLY, PlannedWindow
from gameday.domain.sample import Outcome, Sample
from gameday.domain.value import Value

AT_PEAK_S_MIN = 5.0  # for certain, wherever the window begins
BUSIEST_S = 2.0  # the stretch in which requests are counted
REACHED_SHARE_MIN = 0.9  # of the peak; independent users' requests scatter around it


class Rise(Value):
    """How far the load really went up."""

    peak_per_s: float
    reached_per_s: float
    reached: bool
    sentence: str


def why_no_rise(curve: RateCurve, baseline: PlannedWindow, peak: PlannedWindow) -> str:
    """Why the planned load cannot show its peak in the window, in one sentence; '' if it can."""
    usual, highest = curve.rates_between(0.0, baseline.begins_s_max + baseline.seconds_max)
    if highest > usual:
        return (
            f"the load goes from {usual:g}/s to {highest:g}/s while the baseline is observed; add "
            f"a first stage that stays at {usual:g}/s for {baseline.seconds_max:g} s or longer"
        )
    first_s, last_s = peak.begins_s_max, peak.begins_s_min + peak.seconds_watched
    spans = curve.spans_at(NEARLY * curve.rate_max)
    at_peak_s = sum(max(0.0, min(end, last_s) - max(start, first_s)) for start, end in spans)
    if at_peak_s >= AT_PEAK_S_MIN:
        return ""
    return (
        f"the load is at its peak of {curve.rate_max:g}/s for {at_peak_s:.1f} s of the peak "
        f"window for certain, {AT_PEAK_S_MIN:g} s are needed; the window lasts from {first_s:g} s "
        f"to {last_s:g} s after the first request"
    )


def judge_rise(samples: Iterable[Sample], peak_per_s: float) -> Rise:
    """Whether the requests of the peak window really came as often as the load's peak says."""
    sent = sorted(_sent_at(s) for s in samples if s.outcome is not Outcome.UNSENT)
    stretch = timedelta(seconds=BUSIEST_S)
    busiest = first = 0
    for last, moment in enumerate(sent):
        while moment - sent[first] >= stretch:
            first += 1
        busiest = max(busiest, last - first + 1)
    reached_per_s = busiest / BUSIEST_S
    reached = reached_per_s >= REACHED_SHARE_MIN * peak_per_s
    sentence = (
        f"the busiest {BUSIEST_S:g} s had {reached_per_s:g} requests a second of the load's peak "
        f"of {peak_per_s:g}/s"
    )
    return Rise(
        peak_per_s=peak_per_s, reached_per_s=reached_per_s, reached=reached, sentence=sentence
    )


def _sent_at(sample: Sample) -> datetime:
    return sample.intended_at + timedelta(milliseconds=sample.send_lag_ms)
