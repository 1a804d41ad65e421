"""Drills that edit what the assistant is made of, on a healthy lab and on each defect."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.matrix.command import Ended, run_drill

pytestmark = pytest.mark.timeout(400)
EDITS = {
    "corpus-edit": "component/corpus",
    "prompt-regression": "component/prompt",
    "index-rollback": "component/index",
}
CLOCK = ("injected_at", "detected_at", "decided_at", "called_at", "first_good_at", "all_good_at")
REPETITIONS = 5


def is_as_before(ended: Ended, drill: str) -> None:
    """Digest before = digest after, and the digest while it was edited was another."""
    (component,) = ended.document["components"]
    assert component["on"] == EDITS[drill]
    assert component["before"]["digest"] == component["after"]["digest"], component["sentence"]
    assert component["before"]["digest"] != component["during"]["digest"], component["sentence"]
    assert component["sentence"].startswith("exactly as before, digest")


def passes(ended: Ended, drill: str) -> None:
    assert ended.code == 0, ended.sentences
    document: dict[str, Any] = ended.document
    assert {check["held"] for check in document["checks"]} == {"yes"}
    (fault,) = document["faults"]
    assert fault["evidence"]["felt"], ended.sentences
    assert "answers tell a version that none of the baseline told" in fault["evidence"]["sentence"]
    assert (fault["cleared_by"], fault["on"]) == ("response", EDITS[drill])
    response = document["response"]
    times = [datetime.fromisoformat(response[name]) for name in CLOCK]
    assert times == sorted(times)
    assert times[-1] < datetime.fromisoformat(document["restore"]["requested_at"])
    assert response["steps"][0]["cleared_by"] == "restore"
    is_as_before(ended, drill)


def test_an_empty_index_is_noticed_and_the_one_of_before_served_again(tmp_path: Path):
    """The short form: windows that just let every check decide."""
    ended = run_drill(tmp_path, "index-rollback", "windows.responded=24s")
    passes(ended, "index-rollback")
    assert ended.document["summary"].startswith("CHANGED, OUTSIDE.")
    windows = ended.document["windows"]
    assert windows["faulted"]["quality"] < windows["baseline"]["quality"] - 0.10


@pytest.mark.matrix
@pytest.mark.parametrize("drill", EDITS)
def test_a_healthy_lab_passes(tmp_path: Path, drill: str):
    passes(run_drill(tmp_path, drill), drill)


@pytest.mark.soak
@pytest.mark.parametrize("repetition", range(REPETITIONS))
@pytest.mark.parametrize("drill", EDITS)
def test_a_healthy_lab_passes_again(tmp_path: Path, drill: str, repetition: int):
    passes(run_drill(tmp_path, drill), drill)


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("drill", "defect", "check"),
    [
        ("corpus-edit", "stale_index", "rolled_back_within"),
        ("prompt-regression", "prompt_cache=30s", "rolled_back_within"),
        ("index-rollback", "index_cache=30s", "rolled_back_within"),
    ],
)
def test_a_defect_fails_by_the_check_that_names_it(
    tmp_path: Path, drill: str, defect: str, check: str
):
    ended = run_drill(tmp_path, drill, defect=defect)
    assert ended.code == 1, ended.sentences
    assert check in ended.noes, ended.sentences
    is_as_before(ended, drill)


@pytest.mark.matrix
def test_a_corpus_that_nobody_keeps_a_log_of_is_put_back_all_the_same(tmp_path: Path):
    passes(run_drill(tmp_path, "corpus-edit", defect="no_change_log"), "corpus-edit")
