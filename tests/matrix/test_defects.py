"""Each known defect of the lab is found, by the check that is there to find it, and only then."""

from pathlib import Path

import pytest

from tests.matrix.command import DEMO_WINDOWS, run_drill

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(240)]


def test_a_healthy_lab_passes(tmp_path: Path):
    ended = run_drill(tmp_path, "provider-outage", *DEMO_WINDOWS)
    assert ended.code == 0, ended.sentences
    assert ended.document["verdict"] == "passed"
    assert ended.document["faults"][0]["evidence"]["felt"]


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        ("no_fallback", "fallback"),
        ("slow_fallback", "fallback"),
        ("degraded_fallback", "envelope"),
        ("expensive_fallback", "cost_per_success"),
        ("never_fails_back", "recovered_within"),
        ("lies_about_server", "fallback"),
        # Just outside a threshold. The way from just inside is in the next test.
        ("slow_fallback=2.5s", "fallback"),
        ("expensive_fallback=1.4x", "cost_per_success"),
        ("degraded_fallback=0.3", "envelope"),
    ],
)
def test_a_defect_fails_by_the_check_that_names_it(tmp_path: Path, defect: str, check: str):
    ended = run_drill(tmp_path, "provider-outage", *DEMO_WINDOWS, defect=defect)
    assert ended.code == 1, ended.sentences
    assert ended.document["verdict"] == "failed"
    assert check in ended.noes, ended.sentences
    assert ended.document["faults"][0]["evidence"]["felt"]
    if defect == "lies_about_server":
        assert "own log" in ended.check("fallback")["reason"]


@pytest.mark.parametrize("defect", ["slow_fallback=1.0s", "expensive_fallback=1.15x"])
def test_a_defect_just_inside_its_threshold_passes(tmp_path: Path, defect: str):
    ended = run_drill(tmp_path, "provider-outage", *DEMO_WINDOWS, defect=defect)
    assert ended.code == 0, ended.sentences


def test_a_quality_just_inside_its_margin_passes(tmp_path: Path):
    """With the drill's own windows: so near the margin, a third of the short ones are undecided."""
    ended = run_drill(tmp_path, "provider-outage", defect="degraded_fallback=0.02")
    assert ended.code == 0, ended.sentences


def test_what_is_dead_already_is_not_rehearsed(tmp_path: Path):
    ended = run_drill(tmp_path, "provider-outage", *DEMO_WINDOWS, defect="dead_primary")
    assert ended.code in (3, 6), ended.sentences
    assert ended.document["verdict"] in ("inconclusive", "refused")
    assert not ended.document["faults"]
