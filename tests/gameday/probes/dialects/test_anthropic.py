import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.domain.front_door import FrontDoor
from gameday.domain.sample import Outcome
from gameday.probes.answer import Answer
from gameday.probes.dialect import Asked, Turn
from gameday.probes.dialects.anthropic import Anthropic

DIALECT = Anthropic(FrontDoor(dialect="anthropic", model="m-1"))
START = {
    "type": "message_start",
    "message": {
        "model": "m-1",
        "usage": {
            "input_tokens": 10,
            "cache_read_input_tokens": 30,
            "cache_creation_input_tokens": 2,
            "output_tokens": 1,
        },
    },
}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
STOP = {
    "type": "message_delta",
    "delta": {"stop_reason": "end_turn"},
    "usage": {"output_tokens": 9},
}
END = {"type": "message_stop"}


def piece(text):
    return {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}


def read(*events):
    answer = Answer()
    brought = [DIALECT.take_event(answer, b"", json.dumps(event).encode()) for event in events]
    return answer, brought


def test_a_whole_stream_is_ok():
    answer, brought = read(START, BLOCK, {"type": "ping"}, piece("30 "), piece("days"), STOP, END)
    assert brought == [False, False, False, True, True, False, False]
    assert answer.outcome() == (Outcome.OK, "")
    assert (answer.text, answer.model, answer.finish_reason) == ("30 days", "m-1", "end_turn")
    assert (answer.tokens_in, answer.tokens_in_cached, answer.tokens_out) == (42, 30, 9)


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([START, piece("30"), STOP], Outcome.CUT),
        ([START, piece("30"), END], Outcome.CUT),
        ([START, STOP, END], Outcome.MALFORMED),
        ([START, piece("30"), {"type": "error", "error": {"type": "overloaded"}}], Outcome.CUT),
        ([{"type": "error", "error": {"type": "overloaded_error"}}], Outcome.MALFORMED),
        ([{"type": "content_block_delta", "delta": {"text": 7}}], Outcome.MALFORMED),
        ([[1]], Outcome.MALFORMED),
        ([START, {"type": "not known yet"}, piece("30"), STOP, END], Outcome.OK),
    ],
)
def test_a_stream_is_judged_by_what_arrived(events, outcome):
    assert read(*events)[0].outcome()[0] is outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"content": [{"type": "text", "text": "yes"}], "stop_reason": "end_turn"}, Outcome.OK),
        ({"content": [{"type": "text", "text": "yes"}]}, Outcome.CUT),
        ({"content": [], "stop_reason": "end_turn"}, Outcome.MALFORMED),
        ({"type": "error", "error": {"type": "api_error", "message": "secret"}}, Outcome.MALFORMED),
        ({"content": {"text": "yes"}}, Outcome.MALFORMED),
        ("yes", Outcome.MALFORMED),
    ],
)
def test_a_body_is_judged_by_what_it_holds(body, outcome):
    answer = Answer()
    DIALECT.take_body(answer, json.dumps(body).encode())
    assert answer.outcome()[0] is outcome
    assert "secret" not in answer.outcome()[1]


def test_it_is_asked_as_the_api_wants_it():
    asked = Asked(
        "And then?", "gd-1", stream=True, key="s3cret",
        history=(Turn("user", "First?"), Turn("assistant", "This.")),
    )  # fmt: skip
    wanted = DIALECT.ask(asked)
    assert wanted.path == "/messages"
    assert wanted.headers == {"anthropic-version": "2023-06-01", "x-api-key": "s3cret"}
    assert wanted.document == {
        "model": "m-1",
        "max_tokens": 1024,
        "stream": True,
        "messages": [
            {"role": "user", "content": "First?"},
            {"role": "assistant", "content": "This."},
            {"role": "user", "content": "And then?"},
        ],
    }
    assert "s3cret" not in repr(asked)


KEYS = ["type", "message", "delta", "usage", "content", "text", "error", "input_tokens"]
KINDS = ["message_start", "content_block_delta", "message_delta", "error"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(KINDS) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_makes_it_raise(document):
    read(document)
    DIALECT.take_body(Answer(), json.dumps(document).encode())


def test_tool_calls_are_put_together_from_their_pieces():
    block = {"type": "tool_use", "name": "find_order", "input": {}}
    answer, _ = read(
        START,
        {"type": "content_block_start", "index": 1, "content_block": block},
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": '{"id": "LN'},
        },
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": '-1"}'},
        },
        STOP,
        END,
    )
    assert answer.outcome() == (Outcome.OK, "")
    (call,) = answer.calls.values()
    assert (call.name, call.arguments) == ("find_order", '{"id": "LN-1"}')


def test_tool_calls_of_a_body():
    answer = Answer()
    content = [{"type": "tool_use", "name": "find_order", "input": {"id": 1}}]
    body = {"content": content, "stop_reason": "tool_use"}
    DIALECT.take_body(answer, json.dumps(body).encode())
    (call,) = answer.calls.values()
    assert (call.name, call.arguments) == ("find_order", '{"id": 1}')
    DIALECT.take_body(plain := Answer(), b'{"content": [{"type": "text", "text": "Hi"}]}')
    assert plain.calls == {}


def test_a_router_s_cost_is_read_wherever_it_stands():
    last = {**STOP, "usage": {"output_tokens": 9, "cost": 0.25}}
    assert read(START, BLOCK, piece("30 days"), last, END)[0].cost_told_usd == 0.25
    assert read(START, BLOCK, piece("30 days"), STOP, END)[0].cost_told_usd is None
