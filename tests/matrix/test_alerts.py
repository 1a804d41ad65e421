"""The pager's way, on a lab with a real Prometheus, a real Alertmanager and a sink."""

from pathlib import Path

import pytest

from tests.matrix.command import run_drill

RINGS = (
    "{kind: alerted, name: AssistantOnFallback, within: 20s, delivered_to: pager, "
    "cleared_within: 8s}"
)
pytestmark = [pytest.mark.matrix, pytest.mark.timeout(240)]


def test_the_pager_rings_on_a_healthy_lab(tmp_path: Path):
    ended = run_drill(tmp_path, "pager-rings")
    assert ended.code == 0, ended.sentences
    reason = ended.check("alerted")["reason"]
    assert "was delivered to pager after" in reason
    assert "it cleared" in reason
    answered = [reading for reading in ended.document["readings"] if reading["slo"] == "answered"]
    assert {(reading["window"], reading["part"]) for reading in answered} == {
        (window, part)
        for window in ("baseline", "faulted", "recovered")
        for part in ("good", "total")
    }
    assert not any(reading["no_data"] for reading in answered)


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        ("alert_wrong_query", "did not fire in Prometheus: its rule is inactive: sum(rate("),
        ("route_muted", "but no notification reached pager: its route is muted or waits"),
    ],
)
def test_a_defect_fails_by_the_stage_that_it_gets_stuck_at(tmp_path: Path, defect: str, says: str):
    ended = run_drill(tmp_path, "pager-rings", defect=defect)
    assert ended.code == 1, ended.sentences
    assert ended.noes == {"alerted"}, ended.sentences
    assert says in ended.check("alerted")["reason"]
    assert ended.document["faults"][0]["evidence"]["felt"]


def test_an_alert_that_the_drill_does_not_expect_ends_it(tmp_path: Path):
    """The outage of the drill that knows of no alert, on the lab that has one for it."""
    ended = run_drill(
        tmp_path,
        "pager-rings",
        "expects=[]",
        "checks.0={kind: slo, name: answered}",
    )
    assert ended.code == 4, ended.sentences
    assert "the alert AssistantOnFallback fires" in ended.document["reason"]
    assert ended.document["faults"][0]["cleared_by"] == "restore"


def test_an_alert_that_outlasts_the_restore_ends_the_drill_and_fails_its_check(tmp_path: Path):
    """The assistant never goes back to primary, so its alert has every reason to ring on."""
    ended = run_drill(
        tmp_path,
        "pager-rings",
        # A lab that leaves primary for good must not do so in the baseline, on a busy machine.
        "load.rate=8/s",
        f"checks=[{RINGS}]",
        "windows.recovered={until: all_good, at_most: 40s}",
        defect="never_fails_back",
    )
    assert ended.code == 1, ended.sentences
    assert ended.noes == {"alerted"}, ended.sentences
    reason = ended.check("alerted")["reason"]
    assert "was delivered to pager after" in reason
    assert "it did not clear after the fault was gone (objective 8 s)" in reason
    stop = ended.document["stop"]
    assert (stop["by"], stop["window"]) == ("guard", "recovered")
    assert "AssistantOnFallback still fires 8 s after the fault was put back" in stop["reason"]
    assert ended.document["faults"][0]["cleared_by"] == "restore"
