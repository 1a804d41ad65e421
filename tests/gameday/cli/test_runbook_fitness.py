"""A drill that responds with a runbook: its steps become the drill's, and its time the fault's."""

import pytest

from gameday.cli.planning import prepare, request_for
from gameday.domain.errors import FileError
from gameday.domain.record import memo_of, steps_asked
from gameday.domain.runbook_request import Mode
from tests.gameday.catalog.authored import RUNBOOK, SUITE, TARGET, spoil
from tests.gameday.cli.test_respond_planning import COMPONENTS

DRILL = """\
drill: d
title: The model is swapped
hypothesis: The runbook puts it right.
target: lab
load: {rate: 20/s, suite: support}
windows: {baseline: 20s, faulted: 20s, responded: 20s, recovered: 20s}
faults: [{kind: latency, latency_ms: 100, on: provider/primary}]
respond: {runbook: own, people_within: 60s}
checks: [{kind: slo, name: availability}]
"""
BY_ALERT = (
    DRILL.replace("faulted: 20s", "faulted: {until: detected, at_most: 20s}")
    .replace("respond: {", "detect: {by: [alert]}\nrespond: {via: alert, ")
    .replace("name: availability}", "name: availability, window: responded}")
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "own.yaml").write_text(RUNBOOK)
    named = [line for line in TARGET.splitlines() if line.startswith("suite:")]
    (tmp_path / named[0].removeprefix("suite:").strip()).write_text(SUITE)
    (tmp_path / "gameday.yaml").write_text(TARGET + COMPONENTS)
    return tmp_path


def planned(folder, text=DRILL):
    (folder / "d.yaml").write_text(text)
    return prepare(str(folder / "d.yaml"), (), folder / "gameday.yaml", None)


def test_its_steps_are_the_drills_and_its_questions_go_with_it(folder):
    prepared = planned(folder)
    assert [step.words for step in prepared.drill.respond] == [
        "revert_prompt on component/prompt, to v1",
        "pin_model on component/model",
    ]
    request = request_for(prepared, folder / "runs", "ada")
    assert [one.fault.on for one in steps_asked(request)] == ["component/prompt", "component/model"]
    response = request.response
    assert (response.mode, response.run_id, response.people_within_s) == (
        Mode.DRILL,
        request.run_id,
        60.0,
    )
    assert prepared.drill.respond_with.digest == response.digest == response.runbook.digest
    assert memo_of(request)["answers"] == ""


def test_the_longest_way_is_part_of_the_faults_deadline(folder):
    """Two questions, a pin that is tried twice after people, a question, and somebody is told."""
    alone = planned(folder)
    runbook = alone.runbook
    assert runbook.seconds_max({}, None) == 90 + 120 + (2 * 60 + 900) + 120 + 60
    assert runbook.seconds_max({}, 60.0) == 90 + 120 + (2 * 60 + 60) + 120 + 60
    assert runbook.seconds_max({"settle": 600.0}, 60.0) == 90 + 120 + 180 + 60 + 600 + 60
    assert runbook.changes_max({"prompt", "pin"}) == 1
    windows_s, changes = 20 + 20, 3
    assert alone.plan.fault_seconds_max == windows_s + changes * 5 + 570
    steps = "revert_prompt on component/prompt, to v1; pin_model on component/model"
    assert alone.plan.response == (f"the runbook own: at most 1 of {steps}",)


def test_another_runbook_of_that_name_is_another_plan(folder):
    first = planned(folder).plan.digest
    runbook = folder / "runbooks" / "own.yaml"
    runbook.write_text(spoil(RUNBOOK, "say: All is well again", "say: All is well"))
    assert planned(folder).plan.digest != first


def test_a_runbook_that_is_not_the_one_that_was_meant_is_refused(folder):
    with pytest.raises(FileError, match=r"of digest 000000000000, and .*own.yaml has [0-9a-f]{12}"):
        planned(folder, DRILL.replace("runbook: own", f"runbook: own, digest: '{'0' * 64}'"))


def test_an_alert_begins_the_response_that_waits_for_one(folder):
    request = request_for(planned(folder, BY_ALERT), folder / "runs", "ada")
    assert memo_of(request)["answers"] == "model-regressed"


WRONG = [
    (DRILL, "respond: {runbook: own", "respond: {runbok: own", "8:11  unknown key 'runbok'; did"),
    (DRILL, "respond: {", "respond_with: {", "8:1  unknown key 'respond_with'; did you mean 'resp"),
    (DRILL, "responded: 20s, ", "", "a drill with steps under respond has the window responded"),
    (DRILL, "respond: {", "respond: {via: alert, ", "via: alert waits for one: expected `windows"),
    (BY_ALERT, "by: [alert]", "by: [alert, changed]", "via: alert waits for one: expected `window"),
    (DRILL, "checks:", "respond_by: plan\nchecks:", "a runbook responds to a fault, in its own or"),
    (DRILL, "runbook: own", "runbook: owns", "unknown runbook 'owns'; did you mean 'own'?"),
    (DRILL, "runbook: own", "runbook: own, inputs: {x: y}", "it has no input 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "old", "new", "said"), WRONG, ids=[f"{one[2].strip()}"[:40] for one in WRONG]
)
def test_a_response_that_cannot_be(folder, text, old, new, said):
    with pytest.raises(FileError) as told:
        planned(folder, spoil(text, old, new))
    assert said in told.value.sentence


def test_what_the_runbook_needs_of_the_target_is_said_when_the_drill_is_planned(folder):
    target = folder / "gameday.yaml"
    target.write_text(spoil(target.read_text(), ", previous: heron-3", ""))
    with pytest.raises(FileError, match=r"item 'pin'.*which version of component/model"):
        planned(folder)
