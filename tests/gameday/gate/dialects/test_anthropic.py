"""Anthropic's words: statuses, types, headers, whole answers and streams."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gameday.domain.wire import Allowance, Condition, Finish
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
