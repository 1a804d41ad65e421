"""The short form of the benchmark, as it is run: what it says is judged, never how fast it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import report
from bench.report.__main__ import GOALS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document():
    argv = [sys.executable, "-m", "bench.report", "--quick", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_run_is_judged_whole_and_passes(document):
    """A judging that went wrong would be quick, too."""
    assert document["figures"]["judge"]["verdict"] == "passed"
    assert document["figures"]["judge"]["report_kb"] > 20


def test_every_goal_has_its_figure(document):
    assert set(document["goals"]) == {goal.name for goal in GOALS}
    assert {goal["met"] for goal in document["goals"].values()} <= {"yes", "no"}
    assert document["figures"]["judge"]["peak_mb"] > 20
    assert document["figures"]["judge"]["cpu_s"] > 0


def test_it_reads_as_a_table_and_as_a_section(document):
    assert "judge_cpu_s" in report.table(document)
    section = report.markdown(document)
    assert "from 20,000 samples" in section
    assert "A short run: its figures judge nothing" in section
