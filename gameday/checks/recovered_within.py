"""Judges how long users went on feeling a fault that was gone."""

from typing import ClassVar

from gameday.checks._figures import beside
from gameday.checks._met import after_restore
from gameday.domain.check import Check, Finding, Seen, unknown, yes_if
from gameday.domain.figure import Measure
from gameday.domain.plan import Planned
from gameday.domain.quantities import Seconds
from gameday.domain.samples import Samples
from gameday.domain.window import served_most


class RecoveredWithin(Check):
    """The provider under test serves well again, in time, after the fault is gone.

    Of a fault that is on no provider: who served most of the baseline does.
    """

    needs_fault: ClassVar[bool] = True

    objective: Seconds

    def judge(self, seen: Seen) -> Finding:
        if seen.restore is None:
            return unknown("nothing was put back, so nothing could recover")
        recovered = seen.window("recovered")
        if recovered is None:
            return unknown("no request was observed after the fault was gone")
        if set(recovered.good.tally("served_by")) == {None}:
            return unknown(f"the {len(recovered.good)} good answers do not say who served them")
        after = after_restore(seen, seen.restore.effective_at)
        home = _home(seen)
        back = after.good.where("served_by", lambda name: name == home)
        in_a_row = len(after.following(after - back))
        bad = (after - back).last_by("finished_at")
        until = bad.finished_at if bad else seen.restore.effective_at
        took_s = (until - seen.restore.effective_at).total_seconds()
        if in_a_row < seen.good_in_a_row:
            # It never settled. That is a no once a bad answer came after the objective.
            reason = self._not_settled(seen, after, in_a_row)
            return yes_if(False, reason) if took_s > self.objective else unknown(reason)
        reason = (
            f"{home} served well again {beside(took_s, self.objective, 1)} s "
            f"after the fault was gone (objective {self.objective:g} s)"
        )
        measure = Measure(value=took_s, objective=self.objective, unit="s")
        return yes_if(took_s <= self.objective, reason, measure)

    def _not_settled(self, seen: Seen, after: Samples, in_a_row: int) -> str:
        assert seen.restore is not None
        last = after.last_by("finished_at")
        watched_s = (last.finished_at - seen.restore.effective_at).total_seconds() if last else 0.0
        by = ", ".join(f"{name} {n}" for name, n in seen.windows["recovered"].served_by.items())
        return (
            f"{_home(seen)} did not serve {seen.good_in_a_row} good answers in a row "
            f"within {watched_s:.0f} s after the fault was gone (last {in_a_row}; served by: "
            f"{by or 'nobody'}; objective {self.objective:g} s)"
        )

    def cannot_decide(self, planned: Planned) -> str:
        window = planned.windows["recovered"]
        needed_s = planned.seconds_for("recovered", window.good_in_a_row, after_s=self.objective)
        if window.seconds_watched >= needed_s:
            return ""
        return (
            f"the recovered window must last at least {needed_s:g} s, for the objective and "
            f"{window.good_in_a_row} good answers in a row; it is {window.seconds_watched:g} s"
        )


def _home(seen: Seen) -> str:
    """Who must serve again."""
    baseline = seen.window("baseline")
    return seen.faulted_provider or served_most(baseline.served_by if baseline else {}) or "nobody"
