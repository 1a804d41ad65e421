import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.front_door import FrontDoor
from gameday.domain.sample import Outcome
from gameday.probes.answer import Answer
from gameday.probes.dialects.openai import OpenAI

DIALECT = OpenAI(FrontDoor())


def chunk(content=None, finish=None, **more):
    choice = {"delta": {"content": content} if content else {}, "finish_reason": finish}
    return json.dumps({"model": "m-1", "choices": [choice], **more})


def outcome_of(*events):
    answer = Answer()
    for event in events:
        DIALECT.take_event(answer, b"", event.encode())
    return answer.outcome()[0]


def test_a_whole_stream_is_ok():
    answer = Answer()
    brought = [
        DIALECT.take_event(answer, b"", event.encode())
        for event in (
            json.dumps({"choices": [{"delta": {"role": "assistant", "content": ""}}]}),
            chunk("30 "),
            chunk("days"),
            chunk(finish="stop", usage={"prompt_tokens": 7, "completion_tokens": 2}),
            "[DONE]",
        )
    ]
    assert brought == [False, True, True, False, False], "a role alone is no content"
    assert answer.outcome() == (Outcome.OK, "")
    assert (answer.text, answer.model, answer.tokens_in, answer.tokens_out) == (
        "30 days", "m-1", 7, 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([chunk("30 days"), "[DONE]"], Outcome.CUT),  # no finish reason
        ([chunk("30 days"), chunk(finish="stop")], Outcome.CUT),  # no end mark
        ([chunk(finish="stop"), "[DONE]"], Outcome.MALFORMED),  # no content
        (["[DONE]"], Outcome.MALFORMED),
        ([chunk("30"), '{"error": {"type": "server_error"}}', "[DONE]"], Outcome.CUT),
        (['{"error": {"type": "overloaded"}}'], Outcome.MALFORMED),
        ([chunk("30"), "{not json", chunk(finish="stop"), "[DONE]"], Outcome.CUT),
        (["[1, 2]"], Outcome.MALFORMED),
    ],
)
def test_a_stream_is_judged_by_what_arrived(events, outcome):
    assert outcome_of(*events) is outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}', Outcome.OK),
        (b'{"choices":[{"message":{"content":"yes"}}]}', Outcome.CUT),
        (b'{"choices":[]}', Outcome.MALFORMED),
        (b'{"error":{"message":"secret prompt","type":"quota"}}', Outcome.MALFORMED),
        (b"<html>Just a moment</html>", Outcome.MALFORMED),
        (b"", Outcome.MALFORMED),
    ],
)
def test_a_body_is_judged_by_what_it_holds(body, outcome):
    answer = Answer()
    DIALECT.take_body(answer, body)
    assert answer.outcome()[0] is outcome
    assert "secret" not in answer.outcome()[1], "an error's message may hold what a user wrote"


@given(st.lists(st.text(max_size=60), max_size=8))
def test_no_stream_makes_it_raise(events):
    outcome_of(*events)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "delta", "content", "usage", "error", "prompt_tokens"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_makes_it_raise(document):
    outcome_of(json.dumps(document))
    answer = Answer()
    DIALECT.take_body(answer, json.dumps(document).encode())
    answer.outcome()


def test_tool_calls_are_put_together_from_their_pieces():
    def part(place, **function):
        call = {"index": place, "function": function}
        return json.dumps({"choices": [{"delta": {"tool_calls": [call]}}]})

    answer = Answer()
    for event in (
        part(0, name="find_order", arguments=""),
        part(0, arguments='{"id": '),
        part(1, name="refund", arguments="{}"),
        part(0, arguments='"LN-1"}'),
        chunk(finish="tool_calls"),
        "[DONE]",
    ):
        DIALECT.take_event(answer, b"", event.encode())
    assert answer.outcome() == (Outcome.OK, "")
    assert [(call.name, call.arguments) for _, call in sorted(answer.calls.items())] == [
        ("find_order", '{"id": "LN-1"}'),
        ("refund", "{}"),
    ]


def test_a_body_without_tool_calls_tells_that_there_were_none():
    answer = Answer()
    assert answer.calls is None
    DIALECT.take_body(answer, b'{"choices": [{"message": {"content": "Hi"}}]}')
    assert answer.calls == {}


@pytest.mark.parametrize("calls", [5, [5], [{"function": 5}], [{"index": -1}], [{"index": "a"}]])
def test_tool_calls_of_another_shape_are_not_in_the_dialect(calls):
    answer = Answer()
    event = json.dumps({"choices": [{"delta": {"tool_calls": calls}}]})
    DIALECT.take_event(answer, b"", event.encode())
    assert answer.outcome()[0] is Outcome.MALFORMED
