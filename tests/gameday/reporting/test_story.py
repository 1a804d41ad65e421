"""Each section of the report tells what is known, and says what is not."""

import random
from dataclasses import replace
from datetime import timedelta

from gameday.domain.component import digest_of
from gameday.domain.lease import ClearedBy, FaultState
from gameday.domain.samples import Samples
from gameday.reporting import story as tell
from gameday.reporting.drawn import Drawn
from gameday.reporting.judging import judge_run
from gameday.reporting.result import make_result
from gameday.reporting.story import Story
from gameday.store.journal import merge_events
from tests.gameday.reporting.runs import (
    MadeRun,
    aborted_run,
    by_nobody,
    by_secondary,
    failing_run,
    make_fault,
    make_samples,
    passing_run,
    responding_run,
    run_without_samples,
)
from tests.gameday.reporting.stand_ins import MAKERS


def story_of(run: MadeRun, tmp_path) -> Story:
    folder = run.store(tmp_path)
    judged = judge_run(run.record, run.samples, run.logs, MAKERS)
    result = make_result(folder, run.record, judged, Samples.of(run.samples))
    events = merge_events(folder, judged.ended_at)
    drawn = Drawn(run.record, judged, Samples.of(run.samples))
    return Story(drawn, result, events, "0" * 64, frozenset(run.served_log))


def test_management_reads_who_was_exposed_and_for_how_long(tmp_path):
    assert tell.management(story_of(failing_run(), tmp_path)) == (
        "One planned fault (connection_refused on provider/primary, all traffic) was in lab/lab "
        "for 10.2 s; of 206 synthetic requests that could meet it, 203 got no answer; the longest "
        "time without any answer was 10.1 s."
    )
    assert tell.management(story_of(aborted_run(), tmp_path)) == (
        "Nothing was broken in lab/lab, and no user was exposed."
    )
    blind = tell.management(story_of(run_without_samples(), tmp_path))
    assert blind.endswith("no request was recorded in that time, so nobody knows what users met.")


def test_a_fault_that_may_still_be_there_has_no_length(tmp_path):
    stuck = make_fault(state=FaultState.STUCK, cleared_at=None, cleared_by=None)
    story = story_of(passing_run().with_record(faults=(stuck,)), tmp_path)
    assert "for a time that is not known" in tell.management(story)
    assert tell.restored(story)[0][2:] == ("not known", "not known")


def test_examples_are_of_different_kinds_and_at_most_three(tmp_path):
    def mixed(draw: random.Random, due_s: float):
        return (by_nobody if int(due_s * 20) % 2 else by_secondary)(draw, due_s)

    run = passing_run()
    run = MadeRun(run.record, make_samples(mixed, 62), run.served_log, run.events)
    examples = tell.examples(story_of(run, tmp_path))
    assert [e.received for e in examples] == [
        "Unopened items can be sent back during the first 30 days.",
        "502: all providers failed",
    ]
    assert len(tell.examples(story_of(passing_run(), tmp_path / "b"))) <= 3


def test_the_clock_is_left_out_where_nothing_was_felt(tmp_path):
    assert len(tell.clock(story_of(passing_run(), tmp_path))) == 5
    assert tell.clock(story_of(run_without_samples(), tmp_path)) == []


def test_planned_stands_beside_actual(tmp_path):
    rows = {row[0]: row[1:] for row in tell.radius(story_of(passing_run(), tmp_path))}
    assert rows["Synthetic requests"] == ("3,000", "1,240")
    assert rows["Life of the fault"] == ("40.0 s", "30.0 s")


def test_what_the_run_does_not_show_is_said(tmp_path):
    run = passing_run()
    limits = " ".join(tell.limits(story_of(MadeRun(run.record, run.samples), tmp_path)))
    assert "clocks are assumed to be in step" in limits
    assert "An outage longer than 30.0 s was not tried." in limits
    assert "own word for primary and secondary" in limits
    assert "no segment from injector" in limits
    with_logs = " ".join(tell.limits(story_of(run, tmp_path / "b")))
    assert "own word for" not in with_logs
    assert "no segment" not in with_logs


def test_an_objective_without_a_bad_event_takes_one_line_and_others_four(tmp_path):
    rows = tell.pages(story_of(failing_run(), tmp_path))
    names = ("availability", "latency_p95")
    of = {name: [row[1:] for row in rows if row[0] == name] for name in names}
    assert [alert for alert, _ in of["availability"]] == [
        "page: 14.4x over 5 min and 1 h",
        "page: 6x over 30 min and 6 h",
        "ticket: 3x over 2 h and 1 d",
        "ticket: 1x over 6 h and 3 d",
    ]
    assert of["latency_p95"] == [
        ("all four", "would not have fired: nothing was bad in the whole run")
    ]


def test_a_fault_that_the_response_rolled_back_was_there_until_then(tmp_path):
    """It is held on until the restore; users no longer met it."""
    run = responding_run()
    (swap,) = run.record.faults
    told = {"rolled_back_at": (swap.armed_at + timedelta(seconds=7)).isoformat()}
    rolled_back = swap.model_copy(
        update={"cleared_by": ClearedBy.RESPONSE, "evidence": swap.evidence | told}
    )
    record = run.record.model_copy(update={"faults": (rolled_back,)})
    story = story_of(replace(run, record=record), tmp_path)
    assert "was in lab/lab for 7.0 s;" in tell.management(story)
    gone = (swap.armed_at + timedelta(seconds=7)).strftime("%H:%M:%S")
    assert tell.restored(story)[0][2].startswith(gone)
    assert tell.restore_sentence(story).startswith("What the response had rolled back was verified")


def test_what_was_changed_is_told_with_its_digests(tmp_path):
    run = responding_run()
    before, now = ({"label": name, "digest": digest_of(name)} for name in ("v3", "v4"))
    evidence = {"version_at_arm": before, "version_while": now, "version_after": before}
    edit = make_fault(on="component/prompt", kind="prompt_edit", evidence=evidence)
    record = run.record.model_copy(update={"faults": (edit,), "steps": ()})
    (row,) = tell.components(story_of(replace(run, record=record), tmp_path))
    words = [f"{name} ({digest_of(name)[:12]})" for name in ("v3", "v4", "v3")]
    assert row == ("component/prompt", *words, f"exactly as before, digest {digest_of('v3')}")
    assert len(row) == len(tell.COMPONENT_HEADS)
