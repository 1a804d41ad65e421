"""`gameday samples`: the samples of a run as text, for whoever greps them."""

import json
import os
import sys
from datetime import datetime
from typing import Any

from gameday.cli.options import DEFAULT_RUNS, RunId, RunsFolder
from gameday.domain.sample import Sample
from gameday.store.run_folder import RunFolder


def samples(run_id: RunId, runs: RunsFolder = DEFAULT_RUNS) -> None:
    """Print a run's samples, one JSON object a line, in the order in which they were due.

    Example:  gameday samples 7Q2K | grep '"outcome": "cut"'
    """
    folder = RunFolder(runs / run_id)
    found = folder.read_samples()
    if not found:
        folder.read_record()  # says so when there is no such run at all
    try:
        for sample in found:
            print(as_json(sample))
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough; Python would say so once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def as_json(sample: Sample) -> str:
    """One line; attempts are objects, times are ISO 8601."""
    fields = sample.as_dict() | {"attempts": [one._asdict() for one in sample.attempts]}
    return json.dumps(fields, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")
