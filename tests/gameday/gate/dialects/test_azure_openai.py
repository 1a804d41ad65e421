"""Azure OpenAI's words, where they are not OpenAI's."""

import json

import pytest

from gameday.domain.wire import Condition, Finish, RetryAfter
from gameday.gate.dialects import find
from gameday.gate.dialects.azure_openai import AzureOpenAI
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

AZURE = find("azure_openai")
PATH = "/openai/deployments/chat-prod/chat/completions"


def test_it_is_found_by_its_name():
    assert isinstance(AZURE, AzureOpenAI)


@pytest.mark.parametrize(
    ("condition", "status", "code"),
    [
        ("requests_per_minute", 429, "429"),
        ("tokens_per_minute", 429, "429"),
        ("per_day", 429, "429"),
        ("overloaded", 429, "429"),
        ("key_revoked", 401, "401"),
        ("permission", 403, "AccessDenied"),
        ("unknown_user", 401, "PermissionDenied"),
        ("model_retired", 404, "DeploymentNotFound"),
    ],
)
def test_errors_of_its_own_have_a_code_and_no_type(condition: str, status: int, code: str):
    said = error(AZURE, Condition(condition))
    assert set(said) == {"code", "message"}
    assert said["code"] == code
    assert AZURE.failure(Condition(condition), asked()).status == status


@pytest.mark.parametrize(
    ("condition", "status", "type_", "code"),
    [
        ("server_error", 500, "server_error", None),
        ("invalid_request", 400, "invalid_request_error", None),
        ("context_overflow", 400, "invalid_request_error", "context_length_exceeded"),
    ],
)
def test_others_are_openais(condition: str, status: int, type_: str, code: str | None):
    said = error(AZURE, Condition(condition))
    assert (said["type"], said["code"]) == (type_, code)
    assert AZURE.failure(Condition(condition), asked()).status == status


def test_a_filtered_prompt_tells_the_verdict_of_each_category():
    said = error(AZURE, Condition.PROMPT_FILTERED)
    assert (said["code"], said["param"], said["status"]) == ("content_filter", "prompt", 400)
    assert said["innererror"]["code"] == "ResponsibleAIPolicyViolation"
    found = said["innererror"]["content_filter_result"]
    assert set(found) == {"hate", "self_harm", "sexual", "violence", "jailbreak"}
    assert [name for name in found if found[name]["filtered"]] == ["violence"]


def test_every_condition_is_an_error():
    every_condition_is_an_error(AZURE)


def test_waits():
    waits_are_told(AZURE, "Please retry after 3.89 seconds.")


def test_a_limit_per_day_says_a_day():
    answer = AZURE.failure(Condition.PER_DAY, asked())
    assert headers(answer)["retry-after"] == "86400"
    assert "retry after 86400 seconds" in json.loads(answer.body)["error"]["message"]


def test_its_headers():
    told = headers(
        AZURE.failure(
            Condition.TOKENS_PER_MINUTE, asked(), retry=RetryAfter(7), allowance=ALLOWANCE
        )
    )
    assert told["apim-request-id"] == told["x-request-id"] == "req-1"
    assert "x-ms-region" in told
    assert told["x-ratelimit-remaining-requests"] == "0"
    assert told["x-ratelimit-reset-tokens"] == "7"  # seconds; OpenAI has durations


def test_the_model_is_in_the_path_else_in_the_body():
    assert AZURE.model(asked(PATH)) == "chat-prod"
    assert AZURE.model(asked("/openai/v1/chat/completions")) == "heron-1"
    assert json.loads(AZURE.completion(asked(PATH), TEXT, Finish.STOP).body)["model"] == (
        "chat-prod"
    )


def test_a_whole_answer_was_filtered_or_not():
    for finish in (Finish.STOP, Finish.CONTENT_FILTER):
        whole = json.loads(AZURE.completion(asked(PATH), TEXT, finish).body)
        (choice,) = whole["choices"]
        filtered = choice["content_filter_results"]["violence"]["filtered"]
        assert filtered is (finish is Finish.CONTENT_FILTER)
        assert (choice["finish_reason"] == "content_filter") is filtered
        (prompt,) = whole["prompt_filter_results"]
        assert not any(one["filtered"] for one in prompt["content_filter_results"].values())


def test_a_stream_begins_with_the_prompts_verdict_and_no_choice():
    answer = AZURE.completion(asked(PATH, stream=True), TEXT, Finish.CONTENT_FILTER)
    first, second, *_, last = documents(answer)
    assert first["choices"] == []
    assert first["prompt_filter_results"]
    assert second["choices"][0]["delta"]["role"] == "assistant"
    assert last["choices"][0]["finish_reason"] == "content_filter"
    assert last["choices"][0]["content_filter_results"]["violence"]["filtered"]
    assert streamed_text_is_whole(AZURE) == TEXT
    assert streamed_text_is_whole(AZURE, Finish.REFUSAL) == TEXT


def test_another_model_is_another_deployment_in_the_path():
    onward = AZURE.of_model(asked(PATH), "chat/next 1\r\nx: y")
    assert onward.path == "/openai/deployments/chat%2Fnext%201%0D%0Ax%3A%20y/chat/completions"
    assert onward.body == asked(PATH).body


def test_a_path_without_a_deployment_has_the_model_in_the_body():
    onward = AZURE.of_model(asked("/openai/v1/chat/completions"), "chat-next")
    assert onward.path == "/openai/v1/chat/completions"
    assert onward.body["model"] == "chat-next"


def test_its_key_has_a_header_of_its_own():
    assert AZURE.show_key("k") == ("api-key", "k")
