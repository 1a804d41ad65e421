"""Judged runs, as an export is given them."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from gameday.domain.export import JudgedRun
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import EVERY_RUN
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


@cache
def judged_once(name):
    """One of EVERY_RUN; to judge it takes a second, and nobody changes it."""
    return judge(EVERY_RUN[name](), _folder())


@cache
def _folder():
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
