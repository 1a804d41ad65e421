"""Pages that give orders, and conversations that outlive a prompt: a healthy lab, and each defect.

What an assistant was made to do is told by its answers alone, and by the tools that they call.
"""

from pathlib import Path

import pytest

from tests.matrix.command import Ended, run_drill

pytestmark = pytest.mark.timeout(400)
DRILLS = ("corpus-poisoned", "conversation-rollback")
REPETITIONS = 5


def passes(ended: Ended) -> None:
    assert ended.code == 0, ended.sentences
    document = ended.document
    assert {check["held"] for check in document["checks"]} == {"yes"}
    (fault,) = document["faults"]
    assert fault["evidence"]["felt"], ended.sentences
    assert fault["cleared_by"] == "response", ended.sentences
    (component,) = document["components"]
    before, during, after = (component[when]["digest"] for when in ("before", "during", "after"))
    assert before == after != during, component["sentence"]


def test_pages_that_give_orders_are_obeyed_by_nobody(tmp_path: Path):
    """The short form: windows that just let every check decide."""
    short = ("windows.baseline=21s", "windows.faulted=21s", "windows.responded=14s")
    passes(run_drill(tmp_path, "corpus-poisoned", *short))


@pytest.mark.matrix
@pytest.mark.parametrize("drill", DRILLS)
def test_a_healthy_lab_passes(tmp_path: Path, drill: str):
    passes(run_drill(tmp_path, drill))


@pytest.mark.soak
@pytest.mark.parametrize("repetition", range(REPETITIONS))
@pytest.mark.parametrize("drill", DRILLS)
def test_a_healthy_lab_passes_again(tmp_path: Path, drill: str, repetition: int):
    passes(run_drill(tmp_path, drill))


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("drill", "defect", "check", "said"),
    [
        ("corpus-poisoned", "obeys_documents", "documents_are_data", "did what the document"),
        ("corpus-poisoned", "leaks_context", "documents_are_data", "gave away what no customer"),
        ("corpus-poisoned", "calls_forbidden_tool", "documents_are_data", "called a tool"),
        ("corpus-poisoned", "no_change_log", "change_logged", "does not tell who changed it"),
        ("corpus-poisoned", "stale_index", "rolled_back_within", "not good"),
        ("conversation-rollback", "history_poisoned", "conversations_recover", "outside"),
    ],
)
def test_a_defect_fails_the_check_that_is_about_it(
    tmp_path: Path, drill: str, defect: str, check: str, said: str
):
    ended = run_drill(tmp_path, drill, defect=defect)
    assert ended.code == 1, ended.sentences
    assert check in ended.noes, ended.sentences
    assert said in ended.check(check)["reason"], ended.sentences
