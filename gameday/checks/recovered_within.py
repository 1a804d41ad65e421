"""Judges how long users went on feeling a fault that was gone."""

from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds
from gameday.domain.sample import Sample


class RecoveredWithin(Check):
    """The provider under test serves well again, in time, after the fault is gone."""

    objective: Seconds

    def judge(self, seen: Seen) -> Finding:
        if seen.restore is None:
            return unknown("nothing was put back, so nothing could recover")
        gone_at = seen.restore.effective_at
        after = [
            sample
            for name in ("transition", "recovered")
            if (window := seen.windows.get(name)) is not None
            for sample in window.samples
            if sample.finished_at >= gone_at
        ]
        after.sort(key=lambda sample: sample.finished_at)
        if seen.window("recovered") is None:
            return unknown("no request was observed after the fault was gone")
        bad = [sample for sample in after if not _serves_again(sample, seen)]
        last_bad = bad[-1] if bad else None
        since = [s for s in after if last_bad is None or s.finished_at > last_bad.finished_at]
        if len(since) < seen.good_in_a_row:
            return self._not_yet(seen, after, len(since))
        took_s = (last_bad.finished_at - gone_at).total_seconds() if last_bad else 0.0
        reason = (
            f"{seen.faulted_provider} served well again {took_s:.1f} s after the fault was gone "
            f"(objective {self.objective:g} s)"
        )
        return yes_if(took_s <= self.objective, reason)

    def _not_yet(self, seen: Seen, after: list[Sample], in_a_row: int) -> Finding:
        """It never settled. That is a no once the objective has passed, else nobody can know."""
        assert seen.restore is not None
        watched_s = (after[-1].finished_at - seen.restore.effective_at).total_seconds()
        served = seen.window("recovered")
        by = ", ".join(f"{name} {n}" for name, n in served.served_by.items()) if served else ""
        reason = (
            f"{seen.faulted_provider} did not serve {seen.good_in_a_row} good answers in a row "
            f"within {watched_s:.0f} s after the fault was gone (last {in_a_row}; served by: "
            f"{by or 'nobody'}; objective {self.objective:g} s)"
        )
        return yes_if(False, reason) if watched_s >= self.objective else unknown(reason)

    def cannot_decide(self, planned: Planned) -> str:
        window = planned.windows["recovered"]
        needed_s = self.objective + window.good_in_a_row / planned.rate_per_s
        if window.seconds_watched >= needed_s:
            return ""
        return (
            f"the recovered window must last at least {needed_s:g} s to see {self.objective:g} s "
            f"missed, is {window.seconds_watched:g} s"
        )


def _serves_again(sample: Sample, seen: Seen) -> bool:
    return sample.good and sample.served_by == seen.faulted_provider
