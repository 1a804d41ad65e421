"""Judged runs, as an export is given them."""

from gameday.domain.export import JudgedRun
from gameday.reporting.write import write_reports
from tests.gameday.reporting.stand_ins import MAKERS


def judge(run, tmp_path):
    """The run as it is stored, judged by stand-ins."""
    folder = run.store(tmp_path)
    result = write_reports(folder, run.record, run.samples, MAKERS)
    return JudgedRun(
        result=result,
        record=run.record,
        read_samples=folder.read_samples,
        markdown=folder.markdown_file.read_text(),
    )
