"""Judges a stored run and writes everything that it leaves for people and machines."""

from collections.abc import Sequence

from gameday.domain.record import RunRecord
from gameday.domain.result import Result
from gameday.domain.sample import Sample
from gameday.domain.samples import Samples
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
    folder: RunFolder, record: RunRecord, recorded: Sequence[Sample], makers: Makers = INSTALLED
) -> Result:
    """Write journal, report.md, report.html and, last, result.json; the same run, the same bytes.

    The result comes last, so that where it is, the others are.
    """
    own = [event for event in record.events if event.author == "workflow"]
    if own:
        folder.write_events("workflow", own)
    samples, logs = Samples.of(recorded), Logs.read(folder)
    judged = judge_run(record, samples, logs, makers)
    result = make_result(folder, record, judged, samples)
    events = merge_events(folder, judged.ended_at)
    head = write_journal(folder, events)
    drawn = Drawn(record, judged, samples.experiment)
    story = Story(drawn, result, events, head, frozenset(logs.served))
    write_whole(folder.markdown_file, render_markdown(story).encode())
    write_whole(folder.html_file, render_html(story).encode())
    folder.write_result(result)
    return result
