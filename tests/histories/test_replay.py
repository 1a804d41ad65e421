"""Runs that were begun by yesterday's code go on with today's."""

import base64
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from gameday.catalog.suite_files import load_suite
from gameday.supervisor.hiding import DATA_CONVERTER
from workflows.drill import DrillWorkflow
from workflows.game_day import GameDayWorkflow
from workflows.guardian import GuardianWorkflow
from workflows.runbook import RunbookWorkflow

ROOT = Path(__file__).resolve().parents[2]
HISTORIES = sorted(Path(__file__).parent.glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_stored_history_replays(path):
    text = path.read_text()
    began = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    # A game day names its runs after itself.
    history = WorkflowHistory.from_json(began["workflowId"], text)
    replayer = Replayer(
        workflows=[DrillWorkflow, GuardianWorkflow, GameDayWorkflow, RunbookWorkflow],
        data_converter=DATA_CONVERTER,
    )
    await replayer.replay_workflow(history)


def test_a_full_drill_is_among_them():
    assert {path.stem for path in HISTORIES} >= {
        "drill-provider-outage", "drill-aborted", "drill-noop", "guardian-provider-outage",
        "drill-guarded", "drill-launch-spike", "drill-launch-spike-guarded", "drill-responded",
        "drill-response-aborted", "drill-rehearsed", "drill-noticed", "drill-reverted-by-plan",
        "game_day-confirmed", "runbook-resolved", "runbook-shown", "runbook-put-back",
        "drill-played", "drill-alerted",
    }  # fmt: skip


def payloads(node):
    """Every payload of a history, decoded."""
    if isinstance(node, dict):
        if "data" in node and "metadata" in node:
            yield base64.b64decode(node["data"]).decode(errors="replace")
        for value in node.values():
            yield from payloads(value)
    elif isinstance(node, list):
        for value in node:
            yield from payloads(value)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_no_question_answer_or_document_is_in_a_history(path):
    everything = path.read_text() + "\n".join(payloads(json.loads(path.read_text())))
    told = "fault_seconds_max" in everything or '"play":[{' in everything
    assert told, "the payloads were not decoded"
    for case in load_suite(ROOT / "lab" / "suite.yaml").cases:
        assert case.question not in everything
    for document in (ROOT / "lab" / "corpus").glob("*"):
        sentences = [line for line in document.read_text().splitlines() if len(line) > 30]
        assert sentences
        assert not [sentence for sentence in sentences if sentence in everything]
