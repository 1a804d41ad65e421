"""The short form of the benchmark: sizes are judged here too, times never."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.pages import report
from bench.pages.__main__ import DRILLS, GOALS, QUICK_RUNS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document():
    argv = [sys.executable, "-m", "bench.pages", "--quick", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=115, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_report_of_many_samples_is_small(document):
    assert set(document["goals"]) == {goal.name for goal in GOALS}
    assert document["figures"]["report"]["kb"] <= 500
    site = document["figures"]["site"]
    assert (site["runs"], site["pages"]) == (DRILLS * QUICK_RUNS, 1 + DRILLS)
    opened = document["figures"]["report"]["opens_ms"]
    assert (opened is None) == (shutil.which("chromium") is None)


def test_it_reads_as_a_table_and_as_a_section(document):
    assert "report_opens_ms" in report.table(document)
    assert "The pages that people look at" in report.markdown(document)
