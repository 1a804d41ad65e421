"""`gameday explain`: why a run did what it did, choice by choice."""

from gameday.cli.options import DEFAULT_RUNS, AsJson, RunId, RunsFolder
from gameday.domain.explanation import Explanation
from gameday.domain.runbook_request import Mode
from gameday.reporting.explaining import explain_drill, explanation_lines
from gameday.reporting.explaining_runbook import explain_runbook
from gameday.store.run_folder import RunFolder


def explain(
    run_id: RunId,
    as_json: AsJson = False,
    runs: RunsFolder = DEFAULT_RUNS,
) -> None:
    """Say why a run did what it did: each decision in order, its reason and its evidence.

    Example:  gameday explain 7Q2K
    """
    told = _explanation(RunFolder(runs / run_id))
    if as_json:
        print(told.model_dump_json(indent=2))
    else:
        print("\n".join(explanation_lines(told)))


def _explanation(folder: RunFolder) -> Explanation:
    played = folder.read_runbook() if folder.runbook_file.exists() else None
    if played is not None and played.request.mode is not Mode.DRILL:
        return explain_runbook(played)
    result = folder.read_result() if folder.result_file.exists() else None
    return explain_drill(folder.read_record(), result, folder.read_events("injector"), played)
