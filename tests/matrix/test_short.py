"""The short form of the matrix: one healthy lab and one that has no fallback."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.matrix.command import CHECKOUT, DEMO_WINDOWS, WINDOWS, Ended, run_drill

SCHEMA = json.loads((CHECKOUT / "docs" / "schema" / "result.json").read_text())


def valid(ended: Ended) -> None:
    jsonschema.validate(
        ended.document, SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert ended.code == ended.document["exit_code"]
    for name, file in ended.document["artifacts"].items():
        assert Path(file).stat().st_size > 0, name
    assert json.loads(Path(ended.document["artifacts"]["json"]).read_text()) == ended.document


def test_a_healthy_lab_passes(tmp_path: Path):
    ended = run_drill(tmp_path, "provider-outage", *DEMO_WINDOWS)
    valid(ended)
    document = ended.document
    assert document["verdict"] == "passed", ended.sentences
    assert {check["held"] for check in document["checks"]} == {"yes"}
    fault = document["faults"][0]
    assert fault["evidence"]["felt"]
    assert fault["cleared_by"] == "restore"
    assert "from secondary after" in ended.check("fallback")["reason"]
    windows = document["windows"]
    assert windows["baseline"]["served_by"].keys() == {"primary"}
    assert windows["faulted"]["served_by"].keys() == {"secondary"}
    assert document["restore"]["seconds"] is not None


@pytest.mark.timeout(180)
def test_a_lab_without_a_fallback_fails_and_says_why(tmp_path: Path):
    ended = run_drill(tmp_path, "provider-outage", *DEMO_WINDOWS, defect="no_fallback")
    valid(ended)
    assert ended.document["verdict"] == "failed", ended.sentences
    assert ended.code == 1
    assert ended.check("fallback")["held"] == "no"
    assert "no answer from secondary" in ended.check("fallback")["reason"]
    assert ended.document["faults"][0]["cleared_by"] == "restore"


@pytest.mark.timeout(180)
def test_a_gate_fault_is_found_out_although_every_status_is_good(tmp_path: Path):
    """Cut streams that the assistant ends as if they were whole: 200, `stop` and [DONE]."""
    ended = run_drill(tmp_path, "stream-cut", *WINDOWS, defect="fabricates_stream_end")
    valid(ended)
    assert ended.document["verdict"] == "failed", ended.sentences
    assert ended.check("complete_answers")["held"] == "no"
    fault = ended.document["faults"][0]
    assert "the gate changed" in fault["evidence"]["sentence"]
    assert fault["cleared_by"] == "restore"
