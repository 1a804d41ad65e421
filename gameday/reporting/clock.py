"""Reads the clock of the response, and of the restore, off the samples."""

from datetime import datetime, timedelta
from functools import reduce
from heapq import nsmallest
from operator import or_

from gameday.domain.columns import moment
from gameday.domain.record import Moment
from gameday.domain.result import ResponseResult, RestoreResult
from gameday.domain.sample import Sample, Way
from gameday.domain.samples import Samples
from gameday.domain.window import Window


def read_response(
    inject: Moment, provider: str, samples: Samples, good_in_a_row: int
) -> ResponseResult:
    """When the front door met the fault, turned elsewhere, and was good again.

    samples: those of the faulted window and of the transition into it.
    """
    failed = samples.where("attempts", lambda way: _first_failure(way, provider) is not None)
    called = samples.where("attempts", lambda way: _call_after(way, provider) is not None)
    elsewhere = samples.good.where("served_by", lambda name: name not in {provider, None})
    first = elsewhere.first_by("finished_at")
    return ResponseResult(
        detected_at=_detected_at(failed.first_by("finished_at"), provider, inject),
        called_at=_called_at(called.first_by("finished_at"), provider, inject),
        first_good_at=first.finished_at if first else None,
        all_good_at=_all_good_at(samples, good_in_a_row),
    )


def read_restore(
    restore: Moment | None, provider: str, windows: dict[str, Window], good_in_a_row: int
) -> RestoreResult:
    """How long after the fault was gone users went on feeling it; null when nobody can know."""
    if restore is None:
        return RestoreResult()
    effective_at = restore.confirmed_at
    baseline = windows.get("baseline")
    # A provider that served nobody before cannot be missed after.
    wanted = provider if baseline and provider in baseline.served_by else None
    late = [windows[name].samples for name in ("transition", "recovered") if name in windows]
    after = (reduce(or_, late) if late else Samples.of(())).since("finished_at", effective_at)
    bad = after - _serve_again(after, wanted)
    last_bad = bad.last_by("finished_at")
    good_after = len(after.following(bad))
    seconds = (last_bad.finished_at - effective_at).total_seconds() if last_bad else 0.0
    return RestoreResult(
        requested_at=restore.requested_at,
        effective_at=effective_at,
        last_bad_at=last_bad.finished_at if last_bad else None,
        seconds=max(0.0, seconds) if good_after >= good_in_a_row else None,
    )


def _serve_again(samples: Samples, provider: str | None) -> Samples:
    if provider is None:
        return samples.good
    return samples.good.where("served_by", lambda name: name == provider)


def _all_good_at(samples: Samples, good_in_a_row: int) -> datetime | None:
    good = samples.following(samples - samples.good)
    first = nsmallest(good_in_a_row, good.numbers("finished_at"))
    return moment(first[-1]) if len(first) == good_in_a_row else None


def _first_failure(way: Way, provider: str) -> int | None:
    """Which attempt was the first to fail at `provider`."""
    places = (n for n, (name, outcome) in enumerate(way) if name == provider and outcome != "ok")
    return next(places, None)


def _call_after(way: Way, provider: str) -> int | None:
    """Which attempt turned to another provider after the faulted one had failed."""
    failed = _first_failure(way, provider)
    if failed is None:
        return None
    return next((n for n in range(failed + 1, len(way)) if way[n][0] != provider), None)


def _detected_at(sample: Sample | None, provider: str, inject: Moment) -> datetime | None:
    failed = _first_failure(sample.way, provider) if sample else None
    return _after_attempts(sample, failed + 1, inject) if sample and failed is not None else None


def _called_at(sample: Sample | None, provider: str, inject: Moment) -> datetime | None:
    called = _call_after(sample.way, provider) if sample else None
    return _after_attempts(sample, called, inject) if sample and called is not None else None


def _after_attempts(sample: Sample, count: int, inject: Moment) -> datetime:
    """When the first `count` attempts were over, as the front door's own times add up."""
    spent_ms = sample.send_lag_ms + sum(attempt.elapsed_ms for attempt in sample.attempts[:count])
    estimate = sample.intended_at + timedelta(milliseconds=spent_ms)
    return min(max(estimate, inject.requested_at), sample.finished_at)
