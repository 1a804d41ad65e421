"""Writes the review of a run that is over into its folder: review.md, review.html, review.json."""

from datetime import datetime

from gameday.domain.review import Review
from gameday.reporting.review_pages import review_html, review_markdown
from gameday.reporting.reviewing import Around, review_drill
from gameday.store.atomic import write_whole
from gameday.store.findings import Findings
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
    result = folder.read_result()
    return review_drill(
        folder.read_record(),
        result,
        Around(
            entries=ledger.all(result.target, result.environment),
            sightings=folder.read_sightings(),
            actions=Findings(folder.path.parent).of_run(result.run_id),
            since=since,
        ),
    )
