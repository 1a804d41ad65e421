"""quota_exhausted: each provider's words for it, and no wait where waiting does not help."""

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, headers_of, made
from tests.gameday.faults.judged import GOOD, at_primary, counted, window


@pytest.mark.parametrize(
    ("dialect", "reason", "status", "type_", "wait"),
    [
        ("openai", "credit", 429, "insufficient_quota", None),
        ("openai", "spend_cap", 429, "insufficient_quota", None),
        ("openai", "usage_limit", 429, "insufficient_quota", None),
        ("openai", "per_day", 429, "requests", "432"),
        ("anthropic", "credit", 400, "invalid_request_error", None),
        ("anthropic", "spend_cap", 429, "rate_limit_error", None),
        ("anthropic", "usage_limit", 400, "invalid_request_error", None),
        ("azure_openai", "per_day", 429, None, "86400"),
    ],
)
def test_what_it_says(dialect: str, reason: str, status: int, type_: str | None, wait: str | None):
    fault = made("quota_exhausted", reason=reason)
    assert fault.misfit(find(dialect)) == ""
    answer = given(fault, dialect)
    assert answer.status == status
    assert error_of(answer).get("type") == type_
    assert headers_of(answer).get("retry-after") == wait
    assert not any("ratelimit" in name for name in headers_of(answer))


@pytest.mark.parametrize(
    ("dialect", "reason"),
    [
        ("anthropic", "per_day"),
        ("azure_openai", "credit"),
        ("azure_openai", "spend_cap"),
        ("azure_openai", "usage_limit"),
    ],
)
def test_what_a_provider_does_not_know_it_does_not_say(dialect: str, reason: str):
    misfit = made("quota_exhausted", reason=reason).misfit(find(dialect))
    assert misfit == f"a provider of dialect {dialect} never says {reason}"


def test_it_lasts():
    fault = made("quota_exhausted")
    assert len({given(fault, "openai") for _ in range(20)}) == 1


@pytest.mark.parametrize("reason", ["overloaded", "", None, 3])
def test_bad_settings_are_refused(reason: object):
    with pytest.raises(FileError, match="quota_exhausted"):
        made("quota_exhausted", reason=reason)


def test_felt():
    fault, denied = made("quota_exhausted"), window([at_primary(Outcome.HTTP_ERROR)] * 3)
    assert fault.felt(counted(3), "primary", window(GOOD), denied).count == 3
    assert not fault.felt(counted(3), "primary", window(GOOD), window(GOOD)).felt
