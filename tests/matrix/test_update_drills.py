"""Drills of silent updates, canaries and rollbacks, on a healthy lab and on each defect.

Everything is decided by the answers of a real run. Nobody's word counts: not that of the mechanism
that says 200, nor that of the gate that says `rejected`.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.matrix.command import Ended, run_drill

pytestmark = pytest.mark.timeout(400)
REHEARSALS = ("canary-catches-bad-model", "rollback-rehearsal")
SILENT = ("silent-model-update", "silent-update-partial", "garbled-output", "price-change")
CLOCK = ("injected_at", "detected_at", "decided_at", "called_at", "first_good_at", "all_good_at")
REPETITIONS = 5


def moments(response: dict[str, Any], *names: str) -> list[datetime]:
    return [datetime.fromisoformat(response[name]) for name in names]


def passes(ended: Ended, drill: str) -> None:
    assert ended.code == 0, ended.sentences
    document = ended.document
    assert {check["held"] for check in document["checks"]} == {"yes"}
    assert [fault["cleared_by"] for fault in document["faults"]] == ["restore"] * (
        drill in SILENT
    ), ended.sentences
    assert all(fault["evidence"]["felt"] for fault in document["faults"]), ended.sentences
    if drill in SILENT:
        times = moments(document["response"], *CLOCK)
        assert times == sorted(times)
        restored = datetime.fromisoformat(document["restore"]["requested_at"])
        assert times[-1] < restored, "what Gameday put back is no rollback"


def test_a_silent_update_is_noticed_and_rolled_back_while_it_is_there(tmp_path: Path):
    """The short form: windows that just let every check decide."""
    short = ("windows.baseline=27s", "windows.responded=24s")
    ended = run_drill(tmp_path, "silent-model-update", *short)
    passes(ended, "silent-model-update")
    windows, response = ended.document["windows"], ended.document["response"]
    assert windows["faulted"]["quality"] < windows["baseline"]["quality"] - 0.10
    assert response["detected_by"] == "changed"
    assert ended.document["summary"].startswith("CHANGED, OUTSIDE.")
    assert response["steps"][0]["to"] == "heron-4-2026-08"
    assert response["steps"][0]["cleared_by"] == "restore"


@pytest.mark.matrix
@pytest.mark.parametrize("drill", [*SILENT, *REHEARSALS])
def test_a_healthy_lab_passes(tmp_path: Path, drill: str):
    passes(run_drill(tmp_path, drill), drill)


@pytest.mark.soak
@pytest.mark.parametrize("repetition", range(REPETITIONS))
@pytest.mark.parametrize("drill", [*SILENT, *REHEARSALS])
def test_a_healthy_lab_passes_again(tmp_path: Path, drill: str, repetition: int):
    passes(run_drill(tmp_path, drill), drill)


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("drill", "defect", "check"),
    [
        ("silent-model-update", "cached_answers", "changed"),
        ("silent-model-update", "rollback_noop", "rolled_back_within"),
        ("silent-model-update", "rollback_slow_cache=25s", "rolled_back_within"),
        ("silent-model-update", "rollback_partial", "rolled_back_within"),
        ("silent-update-partial", "rollback_noop", "rolled_back_within"),
        ("garbled-output", "rollback_partial", "rolled_back_within"),
        ("price-change", "rollback_noop", "rolled_back_within"),
        ("price-change", "rollback_noop", "cost_per_success"),
        ("rollback-rehearsal", "rollback_noop", "rolled_back_within"),
        ("rollback-rehearsal", "rollback_slow_cache=25s", "rolled_back_within"),
        ("rollback-rehearsal", "rollback_partial", "rolled_back_within"),
        ("canary-catches-bad-model", "canary_waves_through", "canary_stops"),
    ],
)
def test_a_defect_fails_by_the_check_that_names_it(
    tmp_path: Path, drill: str, defect: str, check: str
):
    ended = run_drill(tmp_path, drill, defect=defect)
    assert ended.code == 1, ended.sentences
    assert check in ended.noes, ended.sentences


@pytest.mark.matrix
@pytest.mark.parametrize("drill", ["silent-model-update", "rollback-rehearsal"])
def test_a_slow_cache_just_inside_its_objective_passes(tmp_path: Path, drill: str):
    passes(run_drill(tmp_path, drill, defect="rollback_slow_cache=3s"), drill)


@pytest.mark.matrix
@pytest.mark.parametrize("drill", ["silent-model-update", "rollback-rehearsal"])
def test_a_rollback_to_a_model_that_is_gone_is_refused_before_anything(tmp_path: Path, drill: str):
    ended = run_drill(tmp_path, drill, defect="no_warm_standby")
    assert ended.code == 6, ended.sentences
    assert ended.document["verdict"] == "refused"
    why = "component lab/model cannot be pinned: heron-4-2026-08 is not to be had"
    assert why in ended.document["reason"].lower()
    assert not ended.document["faults"]
