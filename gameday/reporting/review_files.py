"""Writes the review of a run that is over into its folder: review.md, review.html, review.json."""

from datetime import datetime

from gameday.domain.errors import FileError
from gameday.domain.review import Review
from gameday.domain.runbook_record import RunbookRecord
from gameday.domain.runbook_request import Mode
from gameday.reporting.review_pages import review_html, review_markdown
from gameday.reporting.reviewing import Around
from gameday.reporting.reviewing_drill import review_drill
from gameday.reporting.reviewing_runbook import review_runbook
from gameday.store.atomic import write_whole
from gameday.store.findings import Findings
from gameday.store.incidents import Incidents
from gameday.store.ledger import Ledger
from gameday.store.run_folder import RunFolder


def write_review(folder: RunFolder, ledger: Ledger, since: datetime | None = None) -> Review:
    """Make and write it. The same run, ledger and findings give the same bytes.

    since: from when on changes are looked for; a day before the run unless said. Raises FileError
    where the run is not over.
    """
    review = _review(folder, ledger, since)
    write_whole(folder.review_file("md"), review_markdown(review).encode())
    write_whole(folder.review_file("html"), review_html(review).encode())
    write_whole(folder.review_file("json"), review.model_dump_json(indent=1).encode() + b"\n")
    return review


def _review(folder: RunFolder, ledger: Ledger, since: datetime | None) -> Review:
    played = folder.read_runbook() if folder.runbook_file.exists() else None
    if played is not None and played.request.mode is not Mode.DRILL:
        return _of_a_runbook(folder, ledger, since, played)
    result = folder.read_result()
    around = _around(folder, ledger, since, result.target, result.environment)
    return review_drill(folder.read_record(), result, around, played)


def _of_a_runbook(
    folder: RunFolder, ledger: Ledger, since: datetime | None, played: RunbookRecord
) -> Review:
    request = played.request
    if played.outcome is None:
        raise FileError(
            f"run {request.run_id} is not over, or nobody has closed it",
            next_step=f"gameday status {request.run_id}",
        )
    incident = Incidents(ledger.file.parent).find(request.incident)
    around = _around(folder, ledger, since, request.target.target, request.environment)
    return review_runbook(played, around, incident)


def _around(
    folder: RunFolder, ledger: Ledger, since: datetime | None, target: str, environment: str
) -> Around:
    return Around(
        entries=ledger.all(target, environment),
        sightings=folder.read_sightings(),
        actions=Findings(folder.path.parent).of_run(folder.run_id),
        since=since,
    )
