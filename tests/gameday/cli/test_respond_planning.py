"""A runbook is tried against a target before anything is started."""

import pytest

from gameday.cli.respond_planning import prepare_respond, respond_start
from gameday.domain.errand import Pause
from gameday.domain.errors import FileError
from gameday.domain.runbook_request import Mode
from tests.gameday.catalog.authored import RUNBOOK, SUITE, TARGET, spoil

COMPONENTS = """\
components:
  model: {backend: command, read: [cat, model], change: [set, "{{to}}"], previous: heron-3}
  prompt: {backend: command, read: [cat, prompt], change: [set, "{{to}}"]}
"""


@pytest.fixture
def target(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "own.yaml").write_text(RUNBOOK)
    named = [line for line in TARGET.splitlines() if line.startswith("suite:")]
    (tmp_path / named[0].removeprefix("suite:").strip()).write_text(SUITE)
    file = tmp_path / "gameday.yaml"
    file.write_text(TARGET + COMPONENTS)
    return file


def test_the_request_says_what_each_item_is(target, tmp_path):
    prepared = prepare_respond("own", {"provider": "secondary"}, target, None)
    start = respond_start(prepared, tmp_path / "runs", "ada", incident="INC-12", run_id="7Q2K")
    request = start.request
    assert request.runbook.runbook == "model-regressed"
    assert (request.mode, request.incident, request.run_id) == (Mode.LIVE, "INC-12", "7Q2K")
    assert request.inputs == {"provider": "secondary"}
    assert request.digest == prepared.runbook.digest
    assert {name for name, sort in request.sorts.items() if sort == "step"} == {"prompt", "pin"}
    assert request.pauses["hand_over"] == Pause(people="secondary is worse. What now?")
    assert request.well == {"qual": ("inside",), "what": (), "again": ("inside",)}
    assert request.left_out == ()
    assert request.folder == str(tmp_path / "runs" / "7Q2K")


def test_other_inputs_are_another_plan(target):
    usual, other = (
        prepare_respond("own", inputs, target, None).runbook.digest
        for inputs in ({}, {"provider": "secondary"})
    )
    assert usual != other


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("model: {backend", "gateway: {backend", r"item 'pin'.*what keeps component/model"),
        (", previous: heron-3", "", r"item 'pin'.*which version of component/model is the `prev"),
    ],
)
def test_what_the_target_lacks_is_said_before_anything_is_touched(target, old, new, said):
    target.write_text(spoil(target.read_text(), old, new))
    with pytest.raises(FileError, match=said):
        prepare_respond("own", {}, target, None)


def test_a_question_that_the_target_cannot_answer(target, tmp_path):
    runbook = tmp_path / "runbooks" / "own.yaml"
    runbook.write_text(spoil(RUNBOOK, "slo: availability", "slo: ttft_p95"))
    runbook.write_text(
        runbook.read_text().replace(
            "question: {ask: slo, slo: ttft_p95}, is: [met], if_not: end}", "seconds: 5s}"
        )
        + "  - {name: last, ask: slo, slo: ttft_p95}\n"
    )
    with pytest.raises(FileError, match=r"item 'last'.*states no objective 'ttft_p95'"):
        prepare_respond("own", {}, target, None)
    runbook.write_text(spoil(RUNBOOK, "slo: availability", "slo: ttft_p95"))
    with pytest.raises(FileError, match=r"item 'settle'.*states no objective 'ttft_p95'"):
        prepare_respond("own", {}, target, None)


def test_the_drill_that_an_errand_starts_is_prepared_with_it(target, tmp_path):
    runbook = tmp_path / "runbooks" / "own.yaml"
    runbook.write_text(RUNBOOK + "  - {name: redo, do: start_drill, drill: no-such-drill}\n")
    with pytest.raises(FileError, match="unknown drill 'no-such-drill'"):
        prepare_respond("own", {}, target, None)
