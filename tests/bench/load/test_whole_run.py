"""The short form of the benchmark, as it is run: what it says is judged, never how fast it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.goals import look_up
from bench.load import goals, report

ROOT = Path(__file__).resolve().parents[3]
COMPARED = [ratio.name for ratio in goals.RATIOS]


@pytest.fixture(scope="module")
def document():
    """Without peers: they are installed on some machines only."""
    argv = [sys.executable, "-m", "bench.load", "--quick", "--alone", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_missing_peer_is_missing_and_its_ratios_are_null(document):
    assert set(document["peers"]) == {"wrk", "hey", "locust", "aiohttp", "nginx"}
    assert set(document["peers"].values()) == {None}
    assert {document["ratios"][name] for name in COMPARED} == {None}
    judged = {document["goals"][name]["met"] for name in COMPARED if name in document["goals"]}
    assert judged == {"unknown"}


def test_what_needs_no_peer_is_measured(document):
    """Its figures judge nothing in this form, but each is there."""
    judged = {goal["met"] for name, goal in document["goals"].items() if name not in COMPARED}
    assert judged <= {"yes", "no"}
    assert document["figures"]["rates"]["server"] == "own"
    assert document["figures"]["streams"]["gameday"]["cpu_us_per_event"] > 0


def test_every_scheduled_request_is_accounted_for(document):
    gameday = document["figures"]["freeze"]["gameday"]
    assert gameday["scheduled"] == gameday["answered"] == 200
    assert document["ratios"]["freeze_accounted"] == 1
    assert document["goals"]["freeze_accounted"]["met"] == "yes"


def test_the_freeze_is_in_the_truth_and_in_the_report(document):
    """0.3 s of 2 s: one request in seven waits, the longest for almost all of it."""
    gameday = document["figures"]["freeze"]["gameday"]
    assert gameday["truth_p99_ms"] >= 250
    assert gameday["p99_ms"] >= 250


def test_every_error_and_goal_finds_its_figure(document):
    """A slip in a name would leave a goal unknown for ever."""
    for name, path in goals.ERRORS.items():
        assert look_up(document["figures"], path) == document["ratios"][name] is not None
    assert {goal.name for goal in goals.GOALS} <= set(document["ratios"])


def test_every_ratio_finds_its_figures_when_the_peers_are_there(document):
    figures = document["figures"]
    told = {"requests_per_s": 900, "closed_per_s": 900, "cpu_us_per_request": 50}
    rates = {**figures["rates"]["gameday"], **told}
    figures["rates"] |= dict.fromkeys(("gameday", "wrk", "hey", "locust", "aiohttp"), rates)
    figures["streams"]["aiohttp"] = figures["streams"]["gameday"]
    found = goals.ratios(figures)
    assert {found[name] for name in COMPARED} == {1}


def test_both_reports_can_be_made_of_it(document):
    table, markdown = report.table(document), report.markdown(document)
    for name in document["goals"]:
        assert name in table
        assert name in markdown
    assert "judge nothing" in markdown
    assert "None" not in table + markdown
