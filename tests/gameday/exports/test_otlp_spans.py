"""A run as a trace, read back by the protocol's own definitions."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from gameday.domain.samples import Samples
from gameday.exports.otlp_spans import REQUESTS_MAX, OtlpSpans
from tests.gameday.exports.judged import judge, judged_once
from tests.gameday.exports.otlp_reader import read_spans, told
from tests.gameday.reporting.runs import (
    EVERY_RUN,
    INJECT,
    RESTORE,
    passing_run,
)
from tests.gameday.reporting.test_html import hostile_run
from tests.gameday.reporting.untrusted import HOSTILE

OK, ERROR = 1, 2


def named(spans, name):
    return [one for one in spans if one.name == name]


def nanoseconds(moment: datetime) -> int:
    since = moment - datetime.fromisoformat("1970-01-01T00:00:00Z")
    return since // timedelta(microseconds=1) * 1000


@pytest.mark.parametrize("name", EVERY_RUN)
def test_every_run_is_one_whole_trace(name):
    judged = judged_once(name)
    spans, resource = read_spans(OtlpSpans().render(judged))
    ids = {one.span_id for one in spans}
    assert len(ids) == len(spans)
    assert len({one.trace_id for one in spans}) == 1
    (root,) = [one for one in spans if not one.parent_span_id]
    assert all(one.parent_span_id in ids for one in spans if one is not root)
    assert all(one.start_time_unix_nano <= one.end_time_unix_nano for one in spans)
    assert root.status.code == (OK if judged.result.verdict == "passed" else ERROR)
    assert told(root.attributes)["gameday.verdict"] == judged.result.verdict
    assert resource["gameday.run.id"] == judged.result.run_id
    assert resource["service.name"] == "gameday"
    assert OtlpSpans().render(judged) == OtlpSpans().render(judged)


def test_two_runs_are_two_traces():
    first, _ = read_spans(OtlpSpans().render(judged_once("passing")))
    other, _ = read_spans(OtlpSpans().render(judged_once("failing")))
    assert not {one.span_id for one in first} & {one.span_id for one in other}


def test_the_fault_is_a_span_as_long_as_it_was_armed():
    spans, _ = read_spans(OtlpSpans().render(judged_once("passing")))
    (fault,) = named(spans, "fault connection_refused")
    assert fault.start_time_unix_nano == nanoseconds(INJECT.confirmed_at)
    assert fault.end_time_unix_nano == nanoseconds(RESTORE.confirmed_at)
    said = told(fault.attributes)
    assert (said["gameday.fault.on"], said["gameday.fault.cleared_by"]) == (
        "provider/primary",
        "restore",
    )
    assert said["gameday.fault.gone"] is True


def test_a_fault_that_nobody_saw_go_is_not_called_gone():
    judged = judged_once("passing")
    left = judged.result.faults[0].model_copy(
        update={"cleared_at": None, "gone_at": None, "cleared_by": None}
    )
    judged = replace(judged, result=judged.result.model_copy(update={"faults": (left,)}))
    (fault,) = named(read_spans(OtlpSpans().render(judged))[0], "fault connection_refused")
    assert told(fault.attributes)["gameday.fault.gone"] is False
    assert fault.status.code == ERROR
    assert fault.end_time_unix_nano == nanoseconds(judged.result.ended_at)


def test_phases_follow_each_other_and_requests_lie_in_theirs():
    spans, _ = read_spans(OtlpSpans().render(judged_once("passing")))
    order = ["baseline", "inject", "faulted", "restore", "recovered"]
    phases = sorted(
        (one for one in spans if one.name in order), key=lambda one: one.start_time_unix_nano
    )
    assert [one.name for one in phases] == order
    assert all(
        one.end_time_unix_nano == after.start_time_unix_nano for one, after in pairwise(phases)
    )
    by_id = {one.span_id: one for one in phases}
    for request in named(spans, "chat"):
        phase = by_id[request.parent_span_id]
        began = request.start_time_unix_nano
        assert phase.start_time_unix_nano <= began < phase.end_time_unix_nano


def test_requests_are_of_every_way_to_end_and_carry_the_conventions_names():
    judged = judged_once("passing")
    spans, _ = read_spans(OtlpSpans().render(judged))
    requests = named(spans, "chat")
    assert 100 < len(requests) <= REQUESTS_MAX
    root = told(next(one for one in spans if not one.parent_span_id).attributes)
    assert root["gameday.requests.total"] == len(judged.samples)
    assert root["gameday.requests.exported"] == len(requests)
    said = [told(one.attributes) for one in requests]
    assert {one["gameday.outcome"] for one in said} == set(judged.samples.tally("outcome"))
    by_secondary = next(one for one in said if one["gameday.served_by"] == "secondary")
    assert by_secondary["gen_ai.operation.name"] == "chat"
    assert by_secondary["gen_ai.provider.name"] == "anthropic"
    assert by_secondary["gen_ai.response.model"] == "reply-small-2"
    assert by_secondary["gen_ai.usage.input_tokens"] == 180
    assert by_secondary["gameday.attempts"][0].startswith("primary refused")
    cut = next(one for one in requests if told(one.attributes).get("error.type") == "cut")
    assert cut.status.code == ERROR


def test_a_client_that_was_told_to_leave_is_no_error():
    spans, _ = read_spans(OtlpSpans().render(judged_once("impatient")))
    left = [
        one for one in named(spans, "chat") if told(one.attributes)["gameday.outcome"] == "left"
    ]
    assert left
    assert all("error.type" not in told(one.attributes) for one in left)
    assert {one.status.code for one in left} == {0}


def test_scores_are_events_of_the_conventions_name(tmp_path):
    made = passing_run()
    scored = [one.changed(scores={"contains": 1.0, "judge": None}) for one in made.samples]
    judged = judge(replace(made, samples=tuple(scored)), tmp_path)
    spans, _ = read_spans(OtlpSpans().render(judged))
    (event,) = named(spans, "chat")[0].events
    assert event.name == "gen_ai.evaluation.result"
    assert told(event.attributes) == {
        "gen_ai.evaluation.name": "contains",
        "gen_ai.evaluation.score.value": 1.0,
    }


def test_the_clock_of_the_response_and_the_checks_are_events_of_the_run():
    judged = judged_once("responding")
    spans, _ = read_spans(OtlpSpans().render(judged))
    root = next(one for one in spans if not one.parent_span_id)
    counted = Counter(one.name for one in root.events)
    assert counted["gameday.check"] == len(judged.result.checks)
    assert counted["gameday.response.called"] == 1
    assert any(one.name.startswith("step ") for one in spans)


def test_of_many_requests_only_some_are_told():
    judged = judged_once("passing")
    many = [
        one.changed(seq=number)
        for number, one in enumerate(sample for sample in judged.samples for _ in range(5))
    ]
    spans, _ = read_spans(
        OtlpSpans().render(replace(judged, read_samples=lambda: Samples.of(many)))
    )
    assert 100 < len(named(spans, "chat")) <= REQUESTS_MAX


@pytest.mark.parametrize("text", [" ".join(HOSTILE), "\ud800", "\x00z" * 900])
def test_text_of_strangers_is_data_and_no_answer_is_told(text, tmp_path):
    plain = text.encode("utf-8", "replace").decode()
    judged = judge(hostile_run(plain), tmp_path)
    line = OtlpSpans().render(judged)
    spans, _ = read_spans(line)
    assert all(len(str(value)) <= 600 for one in spans for value in told(one.attributes).values())
    assert not {"\x1b", "\x00", "\u202e"} & set(line)


def test_no_question_and_no_answer_is_in_it():
    judged = judged_once("passing")
    excerpt = judged.samples[0].answer_excerpt
    assert excerpt
    assert excerpt not in OtlpSpans().render(judged)
