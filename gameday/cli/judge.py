"""`gameday judge`: judges a stored run again. Needs no Temporal, and does not load it."""

import typer

from gameday.cli.options import DEFAULT_RUNS, DEFAULT_STATE, AsJson, RunId, RunsFolder, StateFolder
from gameday.domain.errors import RefusedError
from gameday.domain.result import Result
from gameday.evidence.key import Keys
from gameday.reporting.terminal import verdict_lines
from gameday.reporting.write import write_reports
from gameday.store.history import History
from gameday.store.run_folder import RunFolder


def judge(
    run_id: RunId,
    as_json: AsJson = False,
    state: StateFolder = DEFAULT_STATE,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Judge a stored run again, with today's checks, and write its report anew.

    Example:  gameday judge 7Q2K
    """
    folder = RunFolder(runs / run_id)
    require_closed(folder)
    record, keys = folder.read_record(), Keys(state)
    samples, history = folder.read_samples(), History(state)
    result = write_reports(folder, record, samples, keys=keys, history=history)
    say(result, as_json=as_json)
    raise typer.Exit(result.exit_code)


def require_closed(folder: RunFolder) -> None:
    """Raise GamedayError for a run that has no result yet, is none, or has no samples any more."""
    if not folder.result_file.exists():
        folder.read_record()  # says so when there is no such run at all
        raise RefusedError(
            f"run {folder.run_id} is not closed", next_step=f"gameday report {folder.run_id}"
        )
    if folder.pruned_file.exists():
        raise RefusedError(
            f"run {folder.run_id} cannot be judged anew: its samples were taken away on "
            f"{folder.pruned_file.read_text()[:10]}",
            next_step=f"gameday report {folder.run_id}",
        )


def say(result: Result, *, as_json: bool) -> None:
    """The whole document, or the verdict and its reasons."""
    if as_json:
        print(result.model_dump_json(indent=2, by_alias=True))
        return
    for line in verdict_lines(result):
        print(line)
