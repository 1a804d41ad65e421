"""Judges a stored run and writes everything that it leaves for people and machines."""

import logging
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gameday.domain.errors import GamedayError
from gameday.domain.finding import Finding
from gameday.domain.history import HistoryRow
from gameday.domain.record import RunRecord
from gameday.domain.result import Result, SignatureResult
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
from gameday.evidence.bundle import make_bundle
from gameday.evidence.key import Keys, key_id
from gameday.reporting.drawn import Drawn
from gameday.reporting.html import render_html
from gameday.reporting.judging import INSTALLED, Logs, Makers, judge_run
from gameday.reporting.markdown import render_markdown
from gameday.reporting.past import Past
from gameday.reporting.result import make_result
from gameday.reporting.story import Story
from gameday.store.atomic import write_whole
from gameday.store.findings import Findings
from gameday.store.history import History
from gameday.store.journal import merge_events, write_journal
from gameday.store.run_folder import RunFolder

_log = logging.getLogger(__name__)


def write_reports(
    folder: RunFolder,
    record: RunRecord,
    recorded: Sequence[Sample],
    makers: Makers = INSTALLED,
    keys: Keys | None = None,
    history: History | None = None,
) -> Result:
    """Write journal, report.md, report.html, bundle.zip, result.json and, last, the history's row.

    The same run, key, history and findings give the same bytes. The result comes after the
    others, so that where it is, they are. A key that cannot be had costs the bundle; a history or
    findings that cannot be read or written cost their section: not the report.
    """
    own = [event for event in record.events if event.author == "workflow"]
    if own:
        folder.write_events("workflow", own)
    samples, logs = Samples.of(recorded), Logs.read(folder)
    judged = judge_run(record, samples, logs, makers)
    key, signature = _signer(keys, record)
    result = make_result(folder, record, judged, samples, signature)
    events = merge_events(folder, judged.ended_at)
    head = write_journal(folder, events)
    drawn = Drawn(record, judged, samples.experiment)
    past = _past(history, HistoryRow.of(result, record, str(folder.path.resolve())))
    found = _findings(folder, result)
    story = Story(drawn, result, events, head, frozenset(logs.served), past, found)
    write_whole(folder.markdown_file, render_markdown(story).encode())
    write_whole(folder.html_file, render_html(story).encode())
    if key is not None:
        make_bundle(folder, result, key)
    folder.write_result(result)
    _keep(history, folder)
    return result


def _findings(folder: RunFolder, result: Result) -> tuple[Finding, ...]:
    """What is known to be wrong; a file of findings that is damaged costs no report."""
    try:
        return tuple(Findings(folder.path.parent).keep_beside(folder, result))
    except GamedayError as error:
        _log.warning("no findings in the report of run %s: %s", folder.run_id, error.sentence)
        return ()


def _keep(history: History | None, folder: RunFolder) -> None:
    """Give the run its row. One that cannot be kept now is caught up with when somebody asks."""
    try:
        if history is not None:
            history.put(folder)
    except GamedayError as error:
        _log.warning("run %s is not in the history yet: %s", folder.run_id, error.sentence)


def _past(history: History | None, row: HistoryRow) -> Past | None:
    """The runs of this drill up to this one; None where no history is kept, or it is unusable."""
    if history is None:
        return None
    try:
        known = history.rows(target=row.target, environment=row.environment, drill=row.drill)
    except GamedayError as error:
        _log.warning("no history in the report of run %s: %s", row.run_id, error.sentence)
        return None
    before = (one for one in known if one.started_at < row.started_at)
    return Past((*(one for one in before if one.folder != row.folder), row))


def _signer(
    keys: Keys | None, record: RunRecord
) -> tuple[Ed25519PrivateKey | None, SignatureResult]:
    """The key that signs, and what the report says of it: who signs, or why nobody does."""
    if keys is None:
        return None, SignatureResult()
    try:
        key = keys.of(record.request)
    except GamedayError as error:
        return None, SignatureResult(missing=error.sentence)
    return key, SignatureResult(key=key_id(key.public_key()), missing="")
