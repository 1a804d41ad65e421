"""The shipped runbooks, each rehearsed by its drill on a healthy lab: it sees, acts, and helps.

Somebody at another terminal says yes wherever a runbook asks for it.
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gameday.domain.review import Review
from gameday.domain.runbook_record import RunbookRecord
from gameday.store.run_folder import RunFolder
from tests.matrix.command import GAMEDAY, Ended, run_drill

pytestmark = pytest.mark.timeout(600)
_LOOK_EVERY_S = 5.0  # each look is a command, whose start takes from the drill what it needs
# Those that act before they ask are rehearsed in the short form as well.
SHORT = ("gateway-compromised", "safe-state")
# What each runbook changes, in its order.
DOES = {
    "model-regressed": ["pin_model"],
    "provider-down": ["shift_traffic"],
    "quota-exhausted": ["set_budget"],
    "corpus-poisoned": ["revert_corpus"],
    "cost-runaway": ["set_budget", "pin_model"],
    "gateway-compromised": ["shift_traffic", "http", "http"],
    "safe-state": ["feature_off"],
}


@contextmanager
def somebody_says_yes(folder: Path) -> Iterator[None]:
    """Ask every run of the folder, again and again, whether it waits for a yes."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_EVERY_S):
            for run in (folder / "runs").glob("*/record.json"):
                argv = [GAMEDAY, "approve", run.parent.name, "--as", "dana", "--yes"]
                subprocess.run(
                    [*argv, "--state", str(folder / "state")],
                    capture_output=True,
                    timeout=60,
                    check=False,  # it may wait for nobody
                )

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join(timeout=90)


def played(folder: Path, ended: Ended) -> RunbookRecord:
    return RunFolder(folder / "runs" / ended.document["run_id"]).read_runbook()


@pytest.mark.parametrize(
    "name",
    [name if name in SHORT else pytest.param(name, marks=pytest.mark.matrix) for name in DOES],
)
def test_a_runbook_is_rehearsed_and_puts_it_right(name: str, tmp_path: Path) -> None:
    with somebody_says_yes(tmp_path):
        ended = run_drill(tmp_path, f"runbook-{name}")
    record = played(tmp_path, ended)
    told = [(one.item, one.answer, one.reason) for one in record.played]
    assert ended.code == 0, (ended.sentences, told)
    does = [one.kind for one in record.changed]
    if name == "quota-exhausted":  # how often a provider is still asked is the fallback's affair
        does = [kind for kind in does if kind != "shift_traffic"]
    assert does == DOES[name], told
    assert record.outcome == "resolved", (record.sentence, told)
    assert all(fault["evidence"]["felt"] for fault in ended.document["faults"]), ended.sentences
    assert not record.undone
    review: dict[str, Any] = json.loads(
        RunFolder(tmp_path / "runs" / ended.document["run_id"]).review_file("json").read_text()
    )
    assert Review.model_validate(review).run == ended.document["run_id"]
