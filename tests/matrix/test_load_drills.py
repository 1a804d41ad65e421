"""Drills whose load goes up: pass on the healthy lab, and find what a quiet hour hides."""

from pathlib import Path

import pytest

from tests.matrix.command import Ended, run_drill

REPETITIONS = 5
# Each is short as it is shipped: the load's stages and the windows belong together.
DRILLS = ("launch-spike", "fallback-at-peak")


def passes(ended: Ended) -> None:
    assert ended.code == 0, ended.sentences
    assert ended.document["verdict"] == "passed"


@pytest.mark.matrix
@pytest.mark.timeout(300)
@pytest.mark.parametrize("drill", DRILLS)
def test_a_healthy_lab_passes(tmp_path: Path, drill: str):
    ended = run_drill(tmp_path, drill)
    passes(ended)
    if drill == "launch-spike":
        assert ended.document["faults"] == []
        assert ended.document["windows"].keys() == {"baseline", "peak", "recovered"}
        assert ended.document["rise"]["reached"]
        assert ended.document["rise"]["peak_per_s"] == 30.0


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("repetition", range(REPETITIONS))
@pytest.mark.parametrize("drill", DRILLS)
def test_a_healthy_lab_passes_again(tmp_path: Path, drill: str, repetition: int):
    passes(run_drill(tmp_path, drill))


@pytest.mark.matrix
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("drill", "defect", "check", "said"),
    [
        ("launch-spike", "small_pool", "holds_up_to", "latency_p95 broke at "),
        (
            "fallback-at-peak",
            "small_secondary_quota",
            "headroom",
            "secondary allows 600 requests a minute by its own headers, and 25/s need 1,500",
        ),
        # Just below what the peak needs: not used up within the drill, and known all the same.
        ("fallback-at-peak", "small_secondary_quota=1490", "headroom", "allows 1,490 requests"),
    ],
)
def test_a_defect_fails_by_the_check_that_names_it(
    tmp_path: Path, drill: str, defect: str, check: str, said: str
):
    ended = run_drill(tmp_path, drill, defect=defect)
    assert ended.code == 1, ended.sentences
    assert check in ended.noes, ended.sentences
    assert any(said in c["reason"] for c in ended.document["checks"] if c["held"] == "no")


@pytest.mark.matrix
@pytest.mark.timeout(300)
def test_a_quota_just_above_what_the_peak_needs_passes(tmp_path: Path):
    """Of one minute: what a drill takes of it, from inject to restore, stays below."""
    passes(run_drill(tmp_path, "fallback-at-peak", defect="small_secondary_quota=1510"))
