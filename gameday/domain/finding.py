"""A finding: what a run showed to be wrong, who mends it by when, which run shows it mended.

It is closed by evidence only: a later run of the same drill on the same target, in which what was
wrong held. Somebody's word closes nothing.
"""

from datetime import date, datetime

from gameday.domain.names import Sentence
from gameday.domain.result import Result
from gameday.domain.value import Value
from gameday.domain.verdict import Held, Verdict


class Finding(Value):
    """One finding as it stands.

    check: its kind and name as the report has them; empty: the run as a whole. runbook: whose run
    it was, where an incident showed it; `drill` is then the one that is to show it mended, wherever
    drills may. retests: the runs that were to show that it is mended, the last of which did where
    `closed_at` is set.
    """

    id: str
    run: str
    drill: str
    target: str
    environment: str
    check: str = ""
    runbook: str = ""
    what: Sentence
    owner: str
    due: date
    opened_at: datetime
    opened_by: str
    retests: tuple[str, ...] = ()
    closed_at: datetime | None = None

    def overdue(self, today: date) -> bool:
        return self.closed_at is None and self.due < today


def checks_of(result: Result) -> dict[str, tuple[Held, str]]:
    """Each check of a run by the words of its report: whether it held, and why."""
    return {
        f"{check.kind} {check.name}".strip(): (check.held, check.reason) for check in result.checks
    }


def why_open(finding: Finding, retest: Result) -> str:
    """Why `retest` does not show that the finding is mended; '' where it does."""
    expected = f"{finding.drill} on {finding.target}"
    tested = f"{retest.drill} on {retest.target}"
    if not finding.runbook:  # an incident of production is rehearsed elsewhere
        expected = f"{expected}/{finding.environment}"
        tested = f"{tested}/{retest.environment}"
    if tested != expected:
        return f"run {retest.run_id} is {tested}; expected {expected}"
    if retest.run_id == finding.run or retest.started_at < finding.opened_at:
        return f"run {retest.run_id} began before the finding was opened; a retest comes after it"
    if not finding.check:
        passed = retest.verdict is Verdict.PASSED
        return "" if passed else f"run {retest.run_id} {retest.verdict}: {retest.reason}"
    # Of a run that never got so far, or felt no fault, a check proves nothing.
    if retest.verdict not in {Verdict.PASSED, Verdict.FAILED}:
        return f"run {retest.run_id} was {retest.verdict}: {retest.reason}"
    held, reason = checks_of(retest).get(
        finding.check, (Held.UNKNOWN, "that run did not look at it")
    )
    return "" if held is Held.YES else f"{finding.check} in run {retest.run_id}: {held}, {reason}"
