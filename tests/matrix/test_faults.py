"""Each shipped drill, and each fault at connection level, on the healthy lab."""

from pathlib import Path

import pytest

from tests.matrix.command import CHECKOUT, DEMO_WINDOWS, WINDOWS, run_drill

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(240)]


def test_a_slow_provider_is_left_in_time(tmp_path: Path):
    ended = run_drill(tmp_path, "provider-slow", *WINDOWS, "checks.5.objective=15s")
    assert ended.code == 0, ended.sentences
    assert ended.document["faults"][0]["evidence"]["felt"]


def test_a_fault_that_nobody_feels_proves_nothing(tmp_path: Path):
    ended = run_drill(tmp_path, "noop")
    assert ended.code == 3, ended.sentences
    assert ended.document["verdict"] == "inconclusive"
    assert "was not felt" in ended.document["reason"]
    assert not ended.document["faults"][0]["evidence"]["felt"]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("connection_reset", ""), ("blackhole", ""), ("bandwidth", "rate_kb_per_s: 1")],
)
def test_each_fault_is_felt_and_survived(tmp_path: Path, kind: str, settings: str):
    drill = tmp_path / f"{kind}.yaml"
    text = (CHECKOUT / "drills" / "provider-outage.yaml").read_text()
    kind_line = f"kind: {kind}" + (f"\n    {settings}" if settings else "")
    drill.write_text(text.replace("kind: connection_refused", kind_line))
    ended = run_drill(tmp_path, str(drill), *DEMO_WINDOWS)
    assert ended.document["faults"][0]["kind"] == kind
    assert ended.document["faults"][0]["evidence"]["felt"], ended.sentences
    assert ended.code == 0, ended.sentences
