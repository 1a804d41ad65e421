"""Anthropic's words: statuses, types, headers, whole answers and streams."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.wire import Allowance, Condition, Effort, Finish, Identity
from gameday.gate.dialects import find
from gameday.gate.dialects.anthropic import Anthropic
from tests.gameday.gate.dialects.said import (
    ALLOWANCE,
    TEXT,
    asked,
    documents,
    error,
    every_condition_is_an_error,
    headers,
    streamed_text_is_whole,
    waits_are_told,
)

ANTHROPIC = find("anthropic")


def test_it_is_found_by_its_name():
    assert isinstance(ANTHROPIC, Anthropic)


@pytest.mark.parametrize(
    ("condition", "status", "type_"),
    [
        ("requests_per_minute", 429, "rate_limit_error"),
        ("tokens_per_minute", 429, "rate_limit_error"),
        ("ramp", 429, "rate_limit_error"),
        ("credit", 400, "invalid_request_error"),
        ("spend_cap", 429, "rate_limit_error"),
        ("usage_limit", 400, "invalid_request_error"),
        ("overloaded", 529, "overloaded_error"),
        ("server_error", 500, "api_error"),
        ("invalid_request", 400, "invalid_request_error"),
        ("key_revoked", 401, "authentication_error"),
        ("permission", 403, "permission_error"),
        ("unknown_user", 401, "authentication_error"),
        ("model_retired", 404, "not_found_error"),
        ("context_overflow", 400, "invalid_request_error"),
        ("prompt_filtered", 400, "invalid_request_error"),
    ],
)
def test_errors(condition: str, status: int, type_: str):
    answer = ANTHROPIC.failure(Condition(condition), asked())
    document = json.loads(answer.body)
    assert (document["type"], document["request_id"]) == ("error", "req-1")
    assert document["error"]["type"] == type_
    assert answer.status == status
    assert headers(answer)["request-id"] == "req-1"


def test_a_ramp_has_a_code():
    assert error(ANTHROPIC, Condition.RAMP)["details"] == {"error_code": "ramp_limit_exceeded"}


def test_a_spend_cap_has_a_code_and_no_wait():
    said = error(ANTHROPIC, Condition.SPEND_CAP)
    assert said["details"] == {"error_code": "enforced_spend_limit_reached"}
    assert "retry-after" not in headers(ANTHROPIC.failure(Condition.SPEND_CAP, asked()))
    assert error(ANTHROPIC, Condition.OVERLOADED) == {
        "details": None,
        "type": "overloaded_error",
        "message": "Overloaded",
    }


def test_a_retired_model_is_named():
    assert error(ANTHROPIC, Condition.MODEL_RETIRED)["message"] == "model: heron-1"


def test_every_condition_is_an_error():
    every_condition_is_an_error(ANTHROPIC)


def test_waits():
    waits_are_told(ANTHROPIC, "Please try again in 3.89 seconds.")


def test_an_error_in_a_stream_is_an_event_of_its_own():
    event = ANTHROPIC.error_event(Condition.OVERLOADED, asked())
    assert event.startswith(b'event: error\ndata: {"type":"error","error":{')


def test_resets_are_times_never_too_early():
    before = datetime.now(UTC)
    told = dict(ANTHROPIC.allowance_headers(ALLOWANCE))
    for kind in ("requests", "tokens", "input-tokens", "output-tokens"):
        reset = datetime.fromisoformat(told[f"anthropic-ratelimit-{kind}-reset"])
        assert before + timedelta(seconds=6.2) <= reset
        assert reset <= datetime.now(UTC) + timedelta(seconds=7.2)
    assert told["anthropic-ratelimit-requests-limit"] == "500"
    assert told["anthropic-ratelimit-requests-remaining"] == "0"
    assert told["anthropic-ratelimit-input-tokens-remaining"] == "1000"
    only_requests = ANTHROPIC.allowance_headers(Allowance(5, 0, None, None, 1))
    assert not any("tokens" in name for name, _ in only_requests)


def test_a_whole_answer():
    whole = json.loads(ANTHROPIC.completion(asked(), TEXT, Finish.STOP).body)
    assert (whole["type"], whole["role"], whole["model"]) == ("message", "assistant", "heron-1")
    assert whole["content"] == [{"type": "text", "text": TEXT}]
    assert whole["stop_reason"] == "end_turn"
    assert "stop_details" not in whole
    assert whole["usage"]["output_tokens"] > 0


@pytest.mark.parametrize("finish", [Finish.REFUSAL, Finish.CONTENT_FILTER])
def test_a_declined_answer_stops_for_a_refusal(finish: Finish):
    whole = json.loads(ANTHROPIC.completion(asked(), TEXT, finish).body)
    assert whole["stop_reason"] == "refusal"
    assert whole["stop_details"]["type"] == "refusal"
    *_, delta, _ = documents(ANTHROPIC.completion(asked(stream=True), TEXT, finish))
    assert delta["delta"]["stop_reason"] == "refusal"


def test_no_content():
    whole = json.loads(ANTHROPIC.completion(asked(), "", Finish.NO_CHOICES).body)
    assert whole["content"] == []
    streamed = documents(ANTHROPIC.completion(asked(stream=True), "", Finish.NO_CHOICES))
    assert [one["type"] for one in streamed] == [
        "message_start",
        "ping",
        "message_delta",
        "message_stop",
    ]


def test_a_stream():
    answer = ANTHROPIC.completion(asked(stream=True), TEXT, Finish.STOP)
    kinds = [one["type"] for one in documents(answer)]
    assert kinds[:3] == ["message_start", "ping", "content_block_start"]
    assert set(kinds[3:-3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert answer.body.startswith(b"event: message_start\ndata: ")
    assert streamed_text_is_whole(ANTHROPIC) == TEXT


@pytest.mark.parametrize(
    ("data", "is_content"),
    [
        (b'{"type":"content_block_delta","delta":{"text":"a"}}', True),
        (b'{"type":"content_block_delta","delta":{"partial_json":"{"}}', True),
        (b'{"type":"content_block_delta","delta":{"partial_json":""}}', False),
        (b'{"type":"content_block_delta","delta":{"thinking":"hm"}}', False),
        (b'{"type":"content_block_delta"}', False),
        (b'{"type":"ping"}', False),
        (b'"content_block_delta"', False),
        (b'{"type":"content_block_delta","delta":', False),
        (b"", False),
    ],
)
def test_content(data: bytes, is_content: bool):
    assert ANTHROPIC.is_content(data) is is_content


def test_usage_is_inflated_in_both_places():
    counted = {"input_tokens": 3, "cache_creation": {"ephemeral_5m_input_tokens": 2}}
    start = {"type": "message_start", "message": {"usage": counted}}
    assert ANTHROPIC.inflate_usage(start, 3)
    assert counted == {"input_tokens": 9, "cache_creation": {"ephemeral_5m_input_tokens": 6}}
    last = {"usage": {"output_tokens": 4, "server_tool_use": {"web_search_requests": 1}}}
    assert ANTHROPIC.inflate_usage(last, 3)
    assert last["usage"] == {"output_tokens": 12, "server_tool_use": {"web_search_requests": 1}}
    assert not ANTHROPIC.inflate_usage({"type": "ping"}, 3)
    assert not ANTHROPIC.inflate_usage({"message": "x", "usage": None}, 3)


@pytest.mark.parametrize(
    ("system", "instructed"),
    [
        (None, "Lie."),
        ("Be brief.", "Be brief.\n\nLie."),
        (
            [{"type": "text", "text": "Be brief."}],
            [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Lie."}],
        ),
    ],
)
def test_one_more_instruction_stands_behind_the_others(system, instructed):
    body = {} if system is None else {"system": system}
    ANTHROPIC.instruct(body, "Lie.")
    assert body == {"system": instructed}


def test_a_dropped_history_never_begins_with_a_tool_s_result():
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1"}]}
    messages = [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "1"}]},
        result,
        {"role": "assistant", "content": "1."},
        {"role": "user", "content": [{"type": "text", "text": "Two?"}]},
    ]
    body = {"messages": messages}
    ANTHROPIC.forget(body, 3)
    assert body["messages"] == messages[4:]
    only_results = {"messages": [*messages[:2], result]}
    ANTHROPIC.forget(only_results, 1)  # nothing is left that could be asked
    assert only_results["messages"] == [*messages[:2], result]


def test_less_effort_and_shorter_answers():
    body = {"max_tokens": 100, "output_config": {"format": {"type": "json_schema"}}}
    ANTHROPIC.think_less(body, Effort.LOW)
    ANTHROPIC.cut_answers(body, 20)
    assert body == {
        "max_tokens": 20,
        "output_config": {"format": {"type": "json_schema"}, "effort": "low"},
    }


def test_it_tells_and_takes_a_name_which_a_stream_has_inside_its_first_event():
    whole = {"type": "message", "model": "a"}
    start = {"type": "message_start", "message": {"model": "a"}}
    for document in (whole, start):
        assert ANTHROPIC.identity(document) == Identity("a")
        assert ANTHROPIC.identify(document, Identity("b", "fp_b"))
    assert whole == {"type": "message", "model": "b"}
    assert start == {"type": "message_start", "message": {"model": "b"}}
    for other in ({"type": "ping"}, {"type": "error", "error": {}}, {"message": None}):
        assert ANTHROPIC.identity(other) is None
        assert not ANTHROPIC.identify(other, Identity("b"))


def test_its_text_is_where_the_user_reads_it():
    whole = {"content": [{"type": "text", "text": "yes"}, {"type": "thinking", "thinking": "why"}]}
    assert ANTHROPIC.rewrite_text(whole, str.upper)
    assert whole["content"][0]["text"] == "YES"
    assert whole["content"][1]["thinking"] == "why"
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "yes"}}
    assert ANTHROPIC.rewrite_text(delta, str.upper)
    assert delta["delta"]["text"] == "YES"
    for other in (
        {"delta": {"type": "input_json_delta", "partial_json": "{"}},
        {"delta": {"type": "thinking_delta", "thinking": "why"}},
        {"delta": {"stop_reason": "end_turn"}},
        {"content": []},
        {},
    ):
        assert not ANTHROPIC.rewrite_text(other, str.upper)


def test_what_was_read_from_the_cache_is_written_again():
    usage = {
        "input_tokens": 3,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 5,
    }
    assert ANTHROPIC.uncache(usage)
    assert usage == {
        "input_tokens": 3,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 35,
    }
    assert not ANTHROPIC.uncache(usage)
    assert not ANTHROPIC.uncache({"output_tokens": 3})


def test_its_key_has_a_header_of_its_own():
    assert ANTHROPIC.show_key("k") == ("x-api-key", "k")
