"""Reads the clock of the response, and of the restore, off the samples."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from gameday.domain.record import Moment
from gameday.domain.result import ResponseResult, RestoreResult
from gameday.domain.sample import Sample, Window


def read_response(
    inject: Moment, provider: str, samples: Iterable[Sample], good_in_a_row: int
) -> ResponseResult:
    """When the front door met the fault, turned elsewhere, and was good again.

    samples: those of the faulted window and of the transition into it.
    """
    seen = sorted(samples, key=lambda sample: sample.finished_at)
    detected = (_detected_at(sample, provider, inject) for sample in seen)
    called = (_called_at(sample, provider, inject) for sample in seen)
    elsewhere = (s for s in seen if s.good and s.served_by not in {provider, None})
    return ResponseResult(
        detected_at=next(filter(None, detected), None),
        called_at=next(filter(None, called), None),
        first_good_at=next((s.finished_at for s in elsewhere), None),
        all_good_at=_all_good_at(seen, good_in_a_row),
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
    seen = (s for w in ("transition", "recovered") if w in windows for s in windows[w].samples)
    after = sorted((s for s in seen if s.finished_at >= effective_at), key=lambda s: s.finished_at)
    bad = [i for i, s in enumerate(after) if not _serves_again(s, wanted)]
    last_bad = after[bad[-1]] if bad else None
    good_after = len(after) - (bad[-1] + 1 if bad else 0)
    seconds = (last_bad.finished_at - effective_at).total_seconds() if last_bad else 0.0
    return RestoreResult(
        requested_at=restore.requested_at,
        effective_at=effective_at,
        last_bad_at=last_bad.finished_at if last_bad else None,
        seconds=max(0.0, seconds) if good_after >= good_in_a_row else None,
    )


def _serves_again(sample: Sample, provider: str | None) -> bool:
    return sample.good and (provider is None or sample.served_by == provider)


def _all_good_at(seen: Sequence[Sample], good_in_a_row: int) -> datetime | None:
    last_bad = max((i for i, sample in enumerate(seen) if not sample.good), default=-1)
    good = seen[last_bad + 1 :]
    return good[good_in_a_row - 1].finished_at if len(good) >= good_in_a_row else None


def _first_failure(sample: Sample, provider: str) -> int | None:
    """Which attempt was the first to fail at `provider`."""
    for position, attempt in enumerate(sample.attempts):
        if attempt.provider == provider and attempt.outcome != "ok":
            return position
    return None


def _detected_at(sample: Sample, provider: str, inject: Moment) -> datetime | None:
    failed = _first_failure(sample, provider)
    return None if failed is None else _after_attempts(sample, failed + 1, inject)


def _called_at(sample: Sample, provider: str, inject: Moment) -> datetime | None:
    """When this request turned to another provider after the faulted one had failed."""
    failed = _first_failure(sample, provider)
    if failed is None:
        return None
    later = range(failed + 1, len(sample.attempts))
    called = next((i for i in later if sample.attempts[i].provider != provider), None)
    return None if called is None else _after_attempts(sample, called, inject)


def _after_attempts(sample: Sample, count: int, inject: Moment) -> datetime:
    """When the first `count` attempts were over, as the front door's own times add up."""
    spent_ms = sample.send_lag_ms + sum(attempt.elapsed_ms for attempt in sample.attempts[:count])
    estimate = sample.intended_at + timedelta(milliseconds=spent_ms)
    return min(max(estimate, inject.requested_at), sample.finished_at)
