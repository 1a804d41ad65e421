"""OpenAI's words: statuses, types, codes, headers, whole answers and streams."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.domain.wire import Condition, Effort, Finish, Identity, RetryAfter, RetryStyle
from gameday.gate.dialects import find
from gameday.gate.dialects.openai import OpenAI
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

OPENAI = find("openai")


def test_it_is_found_by_its_name():
    assert isinstance(OPENAI, OpenAI)


@pytest.mark.parametrize(
    ("condition", "status", "type_", "code"),
    [
        ("requests_per_minute", 429, "requests", "rate_limit_exceeded"),
        ("tokens_per_minute", 429, "tokens", "rate_limit_exceeded"),
        ("ramp", 429, "rate_limit_error", "slow_down"),
        ("credit", 429, "insufficient_quota", "credit_balance_exhausted"),
        ("spend_cap", 429, "insufficient_quota", "organization_spend_limit_exceeded"),
        ("usage_limit", 429, "insufficient_quota", "organization_usage_limit_exceeded"),
        ("per_day", 429, "requests", "rate_limit_exceeded"),
        ("overloaded", 503, "service_unavailable_error", "server_is_overloaded"),
        ("server_error", 500, "server_error", None),
        ("invalid_request", 400, "invalid_request_error", None),
        ("key_revoked", 401, "invalid_request_error", "invalid_api_key"),
        ("permission", 403, "invalid_request_error", "model_not_found"),
        ("model_retired", 404, "invalid_request_error", "model_not_found"),
        ("context_overflow", 400, "invalid_request_error", "context_length_exceeded"),
        ("prompt_filtered", 400, "invalid_request_error", "invalid_prompt"),
    ],
)
def test_errors(condition: str, status: int, type_: str, code: str | None):
    said = error(OPENAI, Condition(condition))
    assert (said["type"], said["code"]) == (type_, code)
    assert list(said) == ["message", "type", "param", "code"]
    answer = OPENAI.failure(Condition(condition), asked())
    assert answer.status == status
    assert headers(answer)["x-request-id"] == "req-1"


def test_a_router_knows_no_user():
    assert error(OPENAI, Condition.UNKNOWN_USER) == {"code": 401, "message": "User not found."}


def test_every_condition_is_an_error():
    every_condition_is_an_error(OPENAI)


def test_the_message_tells_model_and_limits():
    said = error(OPENAI, Condition.TOKENS_PER_MINUTE, allowance=ALLOWANCE)
    assert said["message"] == (
        "Rate limit reached for heron-1 on tokens per min (TPM): Limit 30000, Used 29000."
    )
    said = error(OPENAI, Condition.REQUESTS_PER_MINUTE)
    assert said["message"] == "Rate limit reached for heron-1 on requests per min (RPM)."


def test_waits():
    waits_are_told(OPENAI, "Please try again in 3.89s.")


def test_a_quota_says_no_wait_but_a_limit_per_day_does():
    for condition in (Condition.CREDIT, Condition.SPEND_CAP, Condition.USAGE_LIMIT):
        told = headers(OPENAI.failure(condition, asked(), allowance=ALLOWANCE))
        assert set(told) == {"content-type", "x-request-id"}
    assert headers(OPENAI.failure(Condition.PER_DAY, asked()))["retry-after"] == "432"
    absent = RetryAfter(1.0, RetryStyle.ABSENT)
    assert "retry-after" not in headers(OPENAI.failure(Condition.PER_DAY, asked(), retry=absent))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.12, "120ms"),
        (0.0001, "1ms"),
        (6.2, "6.2s"),
        (59.9999, "1m0s"),
        (432, "7m12s"),
        (86_400, "24h0m0s"),
        (3661.5, "1h1m1.5s"),
    ],
)
def test_resets_are_durations(seconds: float, text: str):
    allowance = ALLOWANCE.__class__(500, 0, None, None, seconds)
    assert OPENAI.allowance_headers(allowance) == (
        ("x-ratelimit-limit-requests", "500"),
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", text),
    )


def test_the_allowance_goes_with_a_rate_limit_alone():
    told = headers(OPENAI.failure(Condition.RAMP, asked(), allowance=ALLOWANCE))
    assert told["x-ratelimit-remaining-tokens"] == "1000"
    told = headers(OPENAI.failure(Condition.OVERLOADED, asked(), allowance=ALLOWANCE))
    assert not any(name.startswith("x-ratelimit") for name in told)


def test_what_is_asked():
    assert OPENAI.model(asked()) == "heron-1"
    assert OPENAI.model(asked(model=3)) == ""
    assert OPENAI.wants_stream(asked(stream=True))
    assert not OPENAI.wants_stream(asked(stream="true"))


def test_a_whole_answer():
    whole = json.loads(OPENAI.completion(asked(), TEXT, Finish.STOP).body)
    assert whole["object"] == "chat.completion"
    assert whole["model"] == "heron-1"
    (choice,) = whole["choices"]
    assert choice["message"] == {"role": "assistant", "content": TEXT, "refusal": None}
    assert choice["finish_reason"] == "stop"
    usage = whole["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@pytest.mark.parametrize(
    ("finish", "reason"), [(Finish.REFUSAL, "stop"), (Finish.CONTENT_FILTER, "content_filter")]
)
def test_an_answer_that_is_none(finish: Finish, reason: str):
    whole = json.loads(OPENAI.completion(asked(), TEXT, finish).body)
    (choice,) = whole["choices"]
    refused = finish is Finish.REFUSAL
    assert choice["message"]["content"] == (None if refused else TEXT)
    assert choice["message"]["refusal"] == (TEXT if refused else None)
    assert choice["finish_reason"] == reason
    assert streamed_text_is_whole(OPENAI, finish) == TEXT
    chunks = documents(OPENAI.completion(asked(stream=True), TEXT, finish))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert any("refusal" in delta and delta["refusal"] for delta in deltas) is refused
    assert chunks[-1]["choices"][0]["finish_reason"] == reason


def test_no_choices():
    whole = OPENAI.completion(asked(), "", Finish.NO_CHOICES)
    assert json.loads(whole.body)["choices"] == []
    streamed = OPENAI.completion(asked(stream=True), "", Finish.NO_CHOICES)
    assert [chunk["choices"] for chunk in documents(streamed)] == [[]]
    assert streamed.body.endswith(b"data: [DONE]\n\n")


def test_a_stream():
    answer = OPENAI.completion(asked(stream=True), TEXT, Finish.STOP)
    first, *middle, last = documents(answer)
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert {chunk["object"] for chunk in middle} == {"chat.completion.chunk"}
    assert {chunk["id"] for chunk in [first, *middle, last]} == {"chatcmpl-req-1"}
    assert last["choices"] == [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}]
    assert answer.body.endswith(b"\n\ndata: [DONE]\n\n")


def test_usage_in_a_stream_only_when_asked():
    asking = asked(stream=True, stream_options={"include_usage": True})
    *_, last = documents(OPENAI.completion(asking, TEXT, Finish.STOP))
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] > 0
    for options in (None, {}, {"include_usage": False}, "x"):
        unasked = asked(stream=True, stream_options=options)
        chunks = documents(OPENAI.completion(unasked, TEXT, Finish.STOP))
        assert not any("usage" in chunk for chunk in chunks)


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_a_streamed_text_is_the_text(text: str):
    chunks = documents(OPENAI.completion(asked(stream=True), text, Finish.STOP))
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == text


@pytest.mark.parametrize(
    ("data", "is_content"),
    [
        (b'{"choices":[{"delta":{"content":"a"}}]}', True),
        (b'{"choices":[{"delta":{"refusal":"no"}}]}', True),
        (b'{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}', True),
        (b'{"choices":[{"delta":{"role":"assistant","content":""}}]}', False),
        (b'{"choices":[{"delta":{}}]}', False),
        (b'{"choices":[],"usage":{}}', False),
        (b'{"choices":["delta"]}', False),
        (b'{"choices":{"delta":{"content":"a"}}}', False),
        (b'["delta"]', False),
        (b'{"delta', False),
        (b"[DONE]", False),
        (b"", False),
        (b"\xff\xfe", False),
    ],
)
def test_content(data: bytes, is_content: bool):
    assert OPENAI.is_content(data) is is_content


def test_usage_is_inflated_everywhere_and_the_total_fits():
    document = {
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 5,
            "total_tokens": 8,
            "completion_tokens_details": {"reasoning_tokens": 2},
        }
    }
    assert OPENAI.inflate_usage(document, 1.5)
    assert document["usage"] == {
        "prompt_tokens": 4,
        "completion_tokens": 8,
        "total_tokens": 12,
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    assert not OPENAI.inflate_usage({"usage": None}, 2)
    assert not OPENAI.inflate_usage({"choices": []}, 2)
    assert not OPENAI.inflate_usage({"usage": {"note": "x"}}, 2)


def conversation():
    return [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "1"},
        {"role": "developer", "content": "Be kind."},
        {"role": "assistant", "content": "1."},
        {"role": "user", "content": "Two?"},
    ]


def test_another_model_is_asked_for_by_its_name_alone():
    request = asked(temperature=0.5)
    onward = OPENAI.of_model(request, "heron-2")
    assert onward.path == request.path
    assert onward.body == {**request.body, "model": "heron-2"}
    assert request.body["model"] == "heron-1"


def test_one_more_instruction_stands_behind_the_others():
    body = {"messages": conversation()}
    OPENAI.instruct(body, "Lie.")
    roles = [message["role"] for message in body["messages"]]
    assert roles[:4] == ["system", "developer", "system", "user"]
    assert len(roles) == len(conversation()) + 1
    assert body["messages"][2]["content"] == "Lie."


@pytest.mark.parametrize(
    ("kept", "left"),
    [(1, ["Two?"]), (2, ["Two?"]), (4, ["Two?"]), (5, ["One?", None, "1", "1.", "Two?"])],
)
def test_a_dropped_history_leaves_the_instructions_and_a_conversation_that_is_one(kept, left):
    body = {"messages": conversation()}
    OPENAI.forget(body, kept)
    said = [message["content"] for message in body["messages"]]
    assert said == ["Be brief.", "Be kind.", *left]


def test_less_effort_and_shorter_answers():
    body = {}
    OPENAI.think_less(body, Effort.LOW)
    OPENAI.cut_answers(body, 20)
    assert body == {"reasoning_effort": "low", "max_completion_tokens": 20}
    for before, after in ((10, 10), (20, 20), (21, 20)):
        body = {"max_tokens": before}
        OPENAI.cut_answers(body, 20)
        assert body == {"max_tokens": after}


def test_it_tells_and_takes_a_name():
    chunk = {"model": "a", "system_fingerprint": "fp_a", "choices": []}
    assert OPENAI.identity(chunk) == Identity("a", "fp_a")
    assert OPENAI.identify(chunk, Identity("b", "fp_b"))
    assert chunk == {"model": "b", "system_fingerprint": "fp_b", "choices": []}
    without = {"model": "a"}
    assert OPENAI.identity(without) == Identity("a")
    assert OPENAI.identify(without, Identity("b", "fp_b"))
    assert without == {"model": "b"}
    assert OPENAI.identity({"error": {}}) is None
    assert not OPENAI.identify({"error": {}}, Identity("b"))


@pytest.mark.parametrize("part", ["delta", "message"])
def test_its_text_is_where_the_user_reads_it(part):
    said = {"content": "yes", "refusal": "no", "reasoning": "why"}
    document = {"choices": [{part: said}, {part: {"content": None}}, {part: {"content": ""}}]}
    assert OPENAI.rewrite_text(document, str.upper)
    assert said == {"content": "YES", "refusal": "no", "reasoning": "why"}
    for other in ({}, {"choices": None}, {"choices": ["x"]}, {"choices": [{part: "x"}]}):
        assert not OPENAI.rewrite_text(other, str.upper)


def test_what_was_cached_is_no_longer():
    usage = {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 1}}
    assert OPENAI.uncache(usage)
    assert usage == {
        "prompt_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 1},
    }
    for other in ({}, usage, {"prompt_tokens_details": None}):
        assert not OPENAI.uncache(other)


def test_its_key_is_a_bearer_s():
    assert OPENAI.show_key("sk-1") == ("authorization", "Bearer sk-1")
