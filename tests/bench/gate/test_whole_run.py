"""The short form of the benchmark, as it is run: what it says is judged, never how fast it was."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.gate import goals, report
from bench.goals import look_up

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def document():
    """Without peers: they are installed on some machines only."""
    argv = [sys.executable, "-m", "bench.gate", "--quick", "--alone", "--json"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_missing_peer_is_missing_and_its_ratios_are_null(document):
    assert document["peers"] == {"nginx": None, "envoy": None, "mitmdump": None}
    compared = {name: value for name, value in document["ratios"].items() if "_vs_" in name}
    assert compared
    assert set(compared.values()) == {None}
    judged = {name: goal["met"] for name, goal in document["goals"].items() if "_vs_" in name}
    assert judged
    assert set(judged.values()) == {"unknown"}


def test_what_needs_no_peer_is_measured(document):
    assert document["ratios"]["idle_rules_cost"] > 0
    judged = {name: goal["met"] for name, goal in document["goals"].items() if "_vs_" not in name}
    assert "unknown" not in judged.values(), judged
    assert document["figures"]["load"]["idle_rules"] == 101


def test_the_share_is_exact_on_both_sides(document):
    share = document["figures"]["injecting"]["share"]
    assert share["hits_by_client"] == share["hits_by_gate"] == 100
    assert share["clean_by_client"] == 900
    assert share["matches_by_gate"] == share["requests"] == 1_000


def test_every_event_came_in_a_chunk_of_its_own(document):
    gate = document["figures"]["streams"]["gate"]
    assert gate["chunks_merged"] == 0
    assert gate["events"] == gate["events_wanted"] > 0
    assert gate["errors_under_load"] == gate["events_lost_under_load"] == 0


def test_open_streams_were_all_open_and_came_to_their_end(document):
    figures = document["figures"]["open_streams"]
    assert figures["errors"] == 0, figures["first_errors"]
    assert figures["streams"] == figures["open_at_once"] == figures["whole"] == 100


def test_no_lease_ended_early_and_no_delay_was_forgotten(document):
    assert document["figures"]["leases"]["leases"] == 2
    # A lease is counted from the beginning of the loop's turn, in its whole milliseconds.
    assert document["figures"]["leases"]["late_p50_ms"] > -1
    assert document["figures"]["injecting"]["delay"]["requests"] == 20


def test_it_says_on_what_machine(document):
    assert document["quick"] is True
    assert document["machine"]["cores"] >= 1
    assert document["machine"]["cpu"]


def test_both_reports_can_be_made_of_it(document):
    table, markdown = report.table(document), report.markdown(document)
    for name in document["goals"]:
        assert name in table
        assert name in markdown
    assert "judge nothing" in markdown
    assert "None" not in table + markdown


def test_every_goal_and_ratio_finds_its_figure(document):
    """A slip in a name would leave a goal unknown for ever."""
    figures = document["figures"]
    for ratio in goals.RATIOS:
        assert look_up(figures, ratio.above) is not None, ratio.name
    for goal in goals.goals(100):
        if goal.figure:
            assert look_up(figures, goal.figure) is not None, goal.name
        else:
            assert goal.name in document["ratios"]
