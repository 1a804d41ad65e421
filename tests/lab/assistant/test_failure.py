"""What a provider's error means for the next attempt, from the words of both dialects."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.assistant.failure import Failure, FailureKind, read_failure

NOW = datetime(2026, 8, 4, 12, 0, 0, tzinfo=UTC)


def failure(status: int, error: Any = None, **headers: str) -> Failure:
    body = json.dumps({"error": error}).encode() if error is not None else b"<html>Sorry</html>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_failure(status, named, body, NOW)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (500, {"type": "server_error", "code": None}, FailureKind.PASSING),
        (503, None, FailureKind.PASSING),
        (529, {"type": "overloaded_error"}, FailureKind.PASSING),
        (408, {"type": "timeout"}, FailureKind.PASSING),
        (429, {"type": "tokens", "code": "rate_limit_exceeded"}, FailureKind.LIMITED),
        (429, {"type": "rate_limit_error"}, FailureKind.LIMITED),
        (429, None, FailureKind.LIMITED),
        (429, {"code": "insufficient_quota"}, FailureKind.HOPELESS),
        (429, {"code": "credit_balance_exhausted"}, FailureKind.HOPELESS),
        (429, {"code": "organization_spend_limit_exceeded"}, FailureKind.HOPELESS),
        (429, {"code": "organization_usage_limit_exceeded"}, FailureKind.HOPELESS),
        (429, {"details": {"error_code": "enforced_spend_limit_reached"}}, FailureKind.HOPELESS),
        (400, {"message": "Your credit balance is too low."}, FailureKind.HOPELESS),
        (402, {"type": "billing_error"}, FailureKind.HOPELESS),
        (401, {"code": "invalid_api_key"}, FailureKind.HOPELESS),
        (401, {"code": 401, "message": "User not found."}, FailureKind.HOPELESS),
        (403, {"type": "permission_error"}, FailureKind.HOPELESS),
        (404, {"code": "model_not_found"}, FailureKind.HOPELESS),
        (400, {"code": "context_length_exceeded"}, FailureKind.UNFIT),
        (413, None, FailureKind.UNFIT),
        (400, "no object", FailureKind.UNFIT),
    ],
)
def test_the_kind_is_told_by_status_and_words(status: int, error: Any, kind: FailureKind) -> None:
    assert failure(status, error) == Failure(kind)


@pytest.mark.parametrize("status", [429, 503, 529])
def test_who_says_when_to_come_again_is_left_alone_so_long(status: int) -> None:
    said = failure(status, {"type": "anything"}, retry_after="60")
    assert said == Failure(FailureKind.LIMITED, 60.0)


def test_a_quota_with_a_time_to_come_again_is_a_limit() -> None:
    said = failure(429, {"code": "insufficient_quota"}, retry_after_ms="1500")
    assert said == Failure(FailureKind.LIMITED, 1.5)


@pytest.mark.parametrize("code", ["content_filter", "invalid_prompt"])
def test_a_filtered_prompt_is_an_answer(code: str) -> None:
    assert failure(400, {"code": code}).declined


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b'{"error": 3}', b"\xff", b'{"error": []}'])
def test_any_body_is_borne(body: bytes) -> None:
    assert read_failure(500, {}, body, NOW).kind is FailureKind.PASSING
