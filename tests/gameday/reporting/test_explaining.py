"""Every choice of a run is told, in order, with a reason; nothing that is noted is left out."""

import ast
from pathlib import Path

import pytest

from gameday.domain.component import version_of
from gameday.domain.lease import ClearedBy
from gameday.domain.record import Event
from gameday.domain.revert_plan import Changed, Left, Revert, RevertPlan
from gameday.reporting.explaining import explain_drill, explanation_lines
from gameday.reporting.write import write_reports
from tests.gameday.reporting.played import make_played
from tests.gameday.reporting.runs import (
    at,
    failing_run,
    make_fault,
    passing_run,
    refused_run,
    responding_run,
)
from tests.gameday.reporting.stand_ins import MAKERS

ROOT = Path(__file__).resolve().parents[3]


def event(seconds, what, /, **facts):
    return Event(author="workflow", seq=int(1000 * seconds), at=at(seconds), what=what, facts=facts)


def explained(run, tmp_path, *events, said=(), **changes):
    run = run.with_record(events=events, **changes)
    result = write_reports(run.store(tmp_path), run.record, run.samples, MAKERS)
    return explain_drill(run.record, result, said)


def choices(told, what):
    found = [choice for choice in told.choices if what in choice.what]
    assert found, [choice.what for choice in told.choices]
    return found


def test_it_begins_with_who_asked_and_ends_with_the_verdict(tmp_path):
    told = explained(passing_run(), tmp_path)
    assert (told.ended, told.choices[0].by) == ("passed", "ana")
    assert told.choices[0].why.startswith("When primary is unreachable")
    assert "the verdict: passed" in [one.what for one in told.choices]
    assert [one.at for one in told.choices] == sorted(one.at for one in told.choices)
    assert all(one.why for one in told.choices)


def test_each_check_is_told_with_its_own_reason(tmp_path):
    told = explained(failing_run(), tmp_path)
    (no,) = choices(told, "fallback: no")
    assert no.why.startswith("0 answers from secondary in")
    assert len(choices(told, ": no")) == 7


WINDOW = {"window": "baseline", "ended": "time", "n": 400, "seconds": 20.0, "errors": 1,
          "latency_ms_p95": 212.4, "quality": None}  # fmt: skip


def test_what_ended_a_window_is_told_with_its_figures(tmp_path):
    told = explained(passing_run(), tmp_path, event(20, "window", **WINDOW))
    (ended,) = choices(told, "end the baseline window")
    assert ended.why == "its time was over"
    assert ended.evidence == ("400 requests in 20.0 s, 1 without answer, p95 212 ms, quality –",)


def test_a_refusal_names_the_lines_that_said_no(tmp_path):
    run = refused_run()
    sentence = run.record.refused
    told = explained(run, tmp_path, event(0.3, "refused", sentence=sentence))
    (refused,) = choices(told, "refuse the drill")
    assert (refused.why, refused.evidence) == (sentence, ("policy: no rule allows it",))


def test_going_on_rests_on_every_line_of_the_preflight(tmp_path):
    told = explained(passing_run(), tmp_path, event(0.5, "phase", phase="baseline"))
    (went_on,) = choices(told, "go on from the preflight")
    assert went_on.why == "2 of 2 lines are ok"
    assert "front door: answered in 171 ms" in went_on.evidence


def changed(name):
    return Changed(component=name, before="a", now="b", user_cost="low")


def test_a_plan_tells_what_it_puts_back_and_what_it_leaves_and_why(tmp_path):
    plan = RevertPlan(
        steps=(Revert(changed=changed("prompt"), chance=0.8, reason="shows in every group"),),
        left=(Left(changed=changed("corpus"), chance=0.01, reason="retrieval is as before"),),
    )
    nothing = RevertPlan(undecided="the groups are INSIDE")
    told = explained(
        responding_run(),
        tmp_path,
        event(25, "planned", put_back=["prompt"]),
        event(45, "planned", put_back=[]),
        plans=(plan, nothing),
    )
    (first,) = choices(told, "put back prompt first")
    assert "shows in every group" in first.evidence[0]
    assert "leave alone" in first.evidence[1]
    assert "retrieval is as before" in first.evidence[1]
    (then,) = choices(told, "put back nothing")
    assert then.why == "the groups are INSIDE"


def test_a_step_is_called_because_of_what_was_noticed(tmp_path):
    run = responding_run()
    step = run.record.steps[0]
    facts = {"fault": step.id, "kind": step.kind, "on": step.on}
    told = explained(run, tmp_path, event(25.4, "responded", **facts))
    (called,) = choices(told, "call pin_model on component/model")
    assert run.record.detection.sentence in called.why
    assert f"{step.id}: confirmed by read-back after 90 ms" in called.evidence


@pytest.mark.parametrize(
    ("by", "who", "why"),
    [
        (ClearedBy.LEASE, "injector", "nobody renewed its lease in time: past its deadline"),
        (ClearedBy.GUARDIAN, "guardian", "the workflow was gone"),
        (None, "not known", "the run has kept no reason"),
    ],
    ids=str,
)
def test_who_put_a_fault_back_and_why(by, who, why, tmp_path):
    because = "past its deadline" if by is ClearedBy.LEASE else ""
    fault = make_fault(cleared_by=by, cleared_because=because)
    told = explained(passing_run(), tmp_path, faults=(fault,))
    (back,) = choices(told, "put back connection_refused")
    assert back.by == who
    assert back.why.startswith(why)


def test_whether_a_component_is_as_before_is_evidence(tmp_path):
    was, other = (version_of(text).model_dump() for text in "ab")
    for after, said in ((was, "as before"), (other, "NOT as before")):
        evidence = {"version_at_arm": was, "version_after": after}
        fault = make_fault("component/prompt", evidence=evidence)
        record = passing_run().with_record(faults=(fault,)).record
        (back,) = choices(explain_drill(record, None), "put back")
        assert back.evidence[0].startswith(said)


def test_a_run_that_goes_on_says_so(tmp_path):
    told = explain_drill(passing_run().record, None)
    assert told.ended == ""
    assert explanation_lines(told)[0] == "NOT CLOSED   it goes on, or nobody has closed it"


def test_what_the_injector_decided_by_itself_is_told_too(tmp_path):
    alone = Event(author="injector", seq=1, at=at(30), what="stop", facts={"reason": "a person"})
    told = explained(passing_run(), tmp_path, said=(alone,))
    assert any((one.by, one.why) == ("injector", "a person") for one in told.choices)


def test_what_a_runbook_s_items_tell_is_not_told_twice():
    noted = event(25, "runbook_played", item="back", answer="done", reason="it read back")
    record = passing_run().with_record(events=(noted,)).record
    played = make_played()
    told = [one.what for one in explain_drill(record, None, (), played).choices]
    assert "runbook played" not in told
    assert any(one.startswith("back: ") for one in told)
    assert "runbook played" in [one.what for one in explain_drill(record, None).choices]


def noted():
    """Every name that a workflow notes, out of its source."""
    for path in sorted((ROOT / "workflows").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
            if called == "note" and node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


# Told elsewhere, or no choice where it stands alone.
ELSEWHERE = {"restored", "phase"}
FACTS = {"fault": "7Q2K-1", "kind": "k", "on": "component/model", "by": "changed", "reason": "r",
         "sentence": "s", "requests": 1, "tokens": 2, "put_back": ["model"], **WINDOW}  # fmt: skip


@pytest.mark.parametrize("what", sorted(set(noted()) - ELSEWHERE))
def test_nothing_that_a_workflow_notes_is_left_out(what):
    record = passing_run().with_record(events=(event(30, what, **FACTS),)).record
    before = {choice.what for choice in explain_drill(passing_run().record, None).choices}
    more = {choice.what for choice in explain_drill(record, None).choices} - before
    assert len(more) == 1
