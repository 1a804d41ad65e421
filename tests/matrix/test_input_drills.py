"""Drills of changed inputs, on a healthy lab and on each defect that they are for."""

from datetime import timedelta
from pathlib import Path

import pytest

from gameday.domain.ledger import what_changed
from gameday.store.ledger import Ledger
from tests.matrix.command import Ended, run_drill

pytestmark = pytest.mark.timeout(400)
REPETITIONS = 5


def passes(ended: Ended) -> None:
    assert ended.code == 0, ended.sentences
    assert {check["held"] for check in ended.document["checks"]} == {"yes"}
    assert all(fault["evidence"]["felt"] for fault in ended.document["faults"])


@pytest.mark.matrix
def test_another_mix_of_questions_is_no_change_of_the_answers(tmp_path: Path):
    ended = run_drill(tmp_path, "input-shift")
    passes(ended)
    lines = [one for one in Ledger(tmp_path / "state").all("lab", "lab") if one.inputs]
    shifted, back = what_changed(lines, lines[0].at - timedelta(seconds=1)).changes
    assert shifted.component == back.component == "inputs of drill input-shift"
    assert shifted.drill == back.drill == ended.document["run_id"]
    assert shifted.before.digest == back.now.digest


@pytest.mark.soak
@pytest.mark.parametrize("repetition", range(REPETITIONS))
@pytest.mark.parametrize("drill", ["input-shift", "three-edits"])
def test_a_healthy_lab_passes_again(tmp_path: Path, drill: str, repetition: int):
    passes(run_drill(tmp_path, drill))


@pytest.mark.matrix
def test_another_mix_shows_that_long_questions_are_cut(tmp_path: Path):
    """They always were: what was asked before did not show it, and no answer has changed."""
    ended = run_drill(tmp_path, "input-shift", defect="cuts_long_input")
    assert ended.code == 1, ended.sentences
    assert ended.noes == {"envelope"}, ended.sentences
    assert ended.check("unchanged")["held"] == "yes"
    assert "OUTSIDE the 10-point margin" in ended.check("envelope")["reason"]


@pytest.mark.matrix
def test_of_three_edits_the_two_that_harm_are_put_back(tmp_path: Path):
    ended = run_drill(tmp_path, "three-edits")
    passes(ended)
    called = sorted(ended.document["response"]["steps"], key=lambda step: step["called_at"])
    assert [step["kind"] for step in called] == ["revert_parameters", "revert_corpus"]
    plans = ended.document["response"]["plans"]
    assert [len(plan["steps"]) > 0 for plan in plans] == [True, True, False]
    for one in ended.document["components"]:
        assert one["before"]["digest"] == one["after"]["digest"], one["sentence"]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("defect", "why"),
    [
        # The pages are back, their index is not: nothing that is put back helps any more.
        ("stale_index", ""),
        ("no_change_log", "nobody knows when corpus was changed"),
    ],
)
def test_a_defect_of_what_plans_go_by_fails_by_the_plan(tmp_path: Path, defect: str, why: str):
    ended = run_drill(tmp_path, "three-edits", defect=defect)
    assert ended.code == 1, ended.sentences
    assert "plan_finds" in ended.noes, ended.sentences
    assert why in ended.check("plan_finds")["reason"]
