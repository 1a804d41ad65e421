"""How reports, pages and the site show findings: who mends each, by when, and what showed it."""

from collections.abc import Iterable
from datetime import date

from gameday.domain.finding import Finding
from gameday.reporting import wording as say

FINDING_HEADS = ("Finding", "State", "Owner", "Due", "What", "Retested by")


def finding_rows(findings: Iterable[Finding], today: date) -> list[tuple[str, ...]]:
    """In the columns of FINDING_HEADS; open ones first, by their dates."""
    ordered = sorted(findings, key=lambda one: (one.closed_at is not None, one.due, one.id))
    return [
        (
            one.id,
            _state(one, today),
            one.owner,
            str(one.due),
            one.what,
            ", ".join(one.retests) or say.NONE,
        )
        for one in ordered
    ]


def _state(finding: Finding, today: date) -> str:
    if finding.closed_at is not None:
        return "closed"
    return "OVERDUE" if finding.overdue(today) else "open"
