"""Leaves the review of a run in its folder; where it cannot, that is said, and no more."""

from temporalio import activity

from gameday.domain.errors import GamedayError
from gameday.reporting.review_files import write_review
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder


def leave_review(folder: RunFolder, ledger: Ledger) -> None:
    """Of a run that a runbook was played in; others have theirs when somebody asks for it."""
    if not folder.runbook_file.exists():
        return
    try:
        write_review(folder, ledger)
    except GamedayError as error:
        activity.logger.warning("no review was written: %s", error.sentence)
