"""Drills of what stands beside the models, on a healthy lab and on each defect.

A tool whose contract drifts still answers 200, and so does an assistant that made something up:
only what clients got tells.
"""

from pathlib import Path

import pytest

from tests.matrix.command import Ended, run_drill

pytestmark = pytest.mark.timeout(400)
DRILLS = ("tool-contract-drift", "verifier-down")
REPETITIONS = 5


def passes(ended: Ended) -> None:
    assert ended.code == 0, ended.sentences
    document = ended.document
    assert {check["held"] for check in document["checks"]} == {"yes"}
    (fault,) = document["faults"]
    assert fault["evidence"]["felt"], ended.sentences
    assert fault["cleared_by"] == "restore"
    assert {step["cleared_by"] for step in document["response"].get("steps", ())} <= {"restore"}


def test_a_guardrail_that_fails_open_is_found_out(tmp_path: Path):
    """The short form: every status is good, and so is every score."""
    short = ("windows.baseline=12s", "windows.faulted=12s")
    ended = run_drill(tmp_path, "verifier-down", *short, defect="verifier_fails_open")
    assert ended.code == 1, ended.sentences
    assert ended.noes == {"fails_closed"}, ended.sentences
    windows = ended.document["windows"]
    assert windows["faulted"]["errors"] == 0
    assert windows["faulted"]["quality"] > windows["baseline"]["quality"] - 0.10
    (fault,) = ended.document["faults"]
    assert fault["evidence"]["felt"]
    assert fault["cleared_by"] == "restore"


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
    ("drill", "defect"),
    [
        ("tool-contract-drift", "tool_errors_swallowed"),
        ("verifier-down", "verifier_fails_open"),
    ],
)
def test_a_defect_fails_by_the_check_that_names_it(tmp_path: Path, drill: str, defect: str):
    ended = run_drill(tmp_path, drill, defect=defect)
    assert ended.code == 1, ended.sentences
    assert ended.noes == {"fails_closed"}, ended.sentences


@pytest.mark.matrix
@pytest.mark.parametrize(
    "settings",
    [
        ("faults.0.how=narrowed", "faults.0.to=null", 'faults.0.values=["packed"]'),
        ("faults.0.how=error", "faults.0.to=null", "faults.0.field=null", "faults.0.status=410"),
        ("faults.0.how=timeout", "faults.0.to=null", "faults.0.field=null"),
    ],
)
@pytest.mark.parametrize("defect", ["", "tool_errors_swallowed"])
def test_every_way_in_which_a_tool_drifts_tells_the_defect(
    tmp_path: Path, settings: tuple[str, ...], defect: str
):
    ended = run_drill(tmp_path, "tool-contract-drift", *settings, defect=defect)
    if defect:
        assert ended.noes == {"fails_closed"}, ended.sentences
    else:
        passes(ended)
