"""The short form of the benchmark, as it is run: what it says is judged, never how fast it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.serve import report
from bench.serve.__main__ import GOALS, QUICK_S, RATE_PER_S, _figures
from bench.serve.telling import Told

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document():
    argv = [sys.executable, "-m", "bench.serve", "--quick", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=115, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_all_that_was_sent_was_confirmed_and_is_there(document):
    assert set(document["goals"]) == {goal.name for goal in GOALS}
    figures = document["figures"]["serve"]
    assert figures["sent"] == RATE_PER_S * QUICK_S
    assert (figures["not_confirmed"], figures["lost"]) == (0, 0)
    assert 0 < figures["answered_ms_p50"] <= figures["answered_ms_p99"]


def test_it_reads_as_a_table_and_as_a_section(document):
    assert "answered_ms_p99" in report.table(document)
    assert "A short run: its figures judge nothing" in report.markdown(document)


def test_what_was_confirmed_and_is_not_there_is_lost():
    told = Told(sent=4, confirmed=("a", "b", "c"), took_ms=(1.0, 2.0, 3.0))
    found = _figures(told, {"a", "c", "other"})
    assert (found["not_confirmed"], found["lost"], found["answered_ms_max"]) == (1, 1, 3.0)
