"""Judges a stored run and writes everything that it leaves for people and machines."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gameday.domain.errors import GamedayError
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
from gameday.reporting.result import make_result
from gameday.reporting.story import Story
from gameday.store.atomic import write_whole
from gameday.store.journal import merge_events, write_journal
from gameday.store.run_folder import RunFolder


def write_reports(
    folder: RunFolder,
    record: RunRecord,
    recorded: Sequence[Sample],
    makers: Makers = INSTALLED,
    keys: Keys | None = None,
) -> Result:
    """Write journal, report.md, report.html, bundle.zip and, last, result.json.

    The same run and key give the same bytes. The result comes last, so that where it is, the
    others are. A key that cannot be had costs the bundle, and not the report.
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
    story = Story(drawn, result, events, head, frozenset(logs.served))
    write_whole(folder.markdown_file, render_markdown(story).encode())
    write_whole(folder.html_file, render_html(story).encode())
    if key is not None:
        make_bundle(folder, result, key)
    folder.write_result(result)
    return result


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
