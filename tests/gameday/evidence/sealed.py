"""A judged run and its bundle, small enough that every bit of it can be flipped."""

import zipfile
from dataclasses import replace
from io import BytesIO

from gameday.evidence.key import Keys
from gameday.reporting.write import write_reports
from tests.gameday.reporting.runs import passing_run
from tests.gameday.reporting.stand_ins import MAKERS


def seal(tmp_path, run=None):
    """The folder and the result of a run that was judged and signed."""
    run = run or passing_run()
    folder = run.store(tmp_path / "runs")
    keys = Keys(tmp_path / "state")
    result = write_reports(folder, run.record, folder.read_samples(), MAKERS, keys)
    return folder, result


def few_samples(run):
    return replace(run, samples=run.samples[::40])


def files_in(bundle):
    """Each file's content by name."""
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files, compression=zipfile.ZIP_STORED):
    """An archive as any program would write it."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
