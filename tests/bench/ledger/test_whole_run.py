"""The short form of the benchmark, as it is run: what it says is judged, never how fast it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.ledger import report
from bench.ledger.__main__ import GOALS, _hold
from gameday.domain.errors import StartError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document():
    argv = [sys.executable, "-m", "bench.ledger", "--quick", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_store_has_its_figures_and_its_goal(document):
    assert set(document["goals"]) == {goal.name for goal in GOALS}
    assert document["figures"]["documents"] == 2_000
    for kind in ("lancedb", "postgres", "files", "files_in_git"):
        figures = document["figures"][kind]
        assert all(value > 0 for value in figures.values()), figures


def test_it_reads_as_a_table_and_as_a_section(document):
    assert "lancedb_after_change_share" in report.table(document)
    section = report.markdown(document)
    assert "The digest of 2,000 documents" in section
    assert "A short run: its figures judge nothing" in section


def looks(*digests):
    return [{"version": {"digest": digest}} for digest in digests]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (looks("a", "b"), looks("c", "c")),
        (looks("a", "a"), looks("c", "d")),
        (looks("a", "a"), looks("a", "a")),
    ],
    ids=["an unstable first", "one that remembered wrongly", "a change that was missed"],
)
def test_digests_that_are_wrong_are_no_figures(before, after):
    with pytest.raises(StartError, match="do not agree with each other, or a change was missed"):
        _hold("files", before, after)


def test_digests_that_are_right_are():
    _hold("files", looks("a", "a"), looks("b", "b"))
