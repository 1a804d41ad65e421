"""Sorts the samples of a run that breaks nothing: before, during and after the peak of its load."""

from collections.abc import Iterable
from datetime import datetime

from gameday.domain.record import RunRecord
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.domain.window import Window


def cut_at_peak(
    samples: Iterable[Sample], record: RunRecord, ended_at: datetime
) -> dict[str, Window]:
    """Baseline, peak, recovered and left, by when each request was due.

    Nothing is changed at one moment, so no request is between two windows.
    """
    assert record.peak is not None
    began_at, peak_ended_at = record.peak.began_at, record.peak.ended_at or ended_at
    every = Samples.of(samples)
    stayed = every.stayed.since("intended_at", record.started_at)
    later = stayed.since("intended_at", began_at)
    last = later.since("intended_at", peak_ended_at)
    return {
        "left": Window("left", record.started_at, ended_at, every - every.stayed),
        "baseline": Window("baseline", record.started_at, began_at, stayed - later),
        "peak": Window("peak", began_at, peak_ended_at, later - last),
        "recovered": Window("recovered", peak_ended_at, ended_at, last),
    }
