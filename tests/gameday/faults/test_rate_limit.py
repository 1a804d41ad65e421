"""rate_limit: four ways to say when, three kinds of limit, in each dialect."""

from typing import Any

import pytest

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, given, headers_of, made
from tests.gameday.faults.judged import GOOD, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("limit", ["rpm", "tpm"])
def test_it_is_a_429_that_names_the_wait_and_the_allowance(dialect: str, limit: str):
    fault = made("rate_limit", limit=limit, retry_after="3s")
    answer = given(fault, dialect)
    told = headers_of(answer)
    assert answer.status == 429
    assert told["retry-after"] == "3"
    assert "3" in error_of(answer)["message"]
    left = {name: value for name, value in told.items() if "remaining" in name}
    used_up = "requests" if limit == "rpm" else "tokens"
    assert {name for name, value in left.items() if value == "0"} == {
        name for name in left if used_up in name
    }
    assert fault.misfit(find(dialect)) == ""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("style", "told"),
    [
        ("header", {"retry-after": "0.1"}),
        ("milliseconds", {"retry-after-ms": "100", "retry-after": "1"}),
        ("body", {}),
        ("absent", {}),
    ],
)
def test_where_it_tells_the_wait(dialect: str, style: str, told: dict[str, str]):
    answer = given(made("rate_limit", retry_after="100ms", style=style), dialect)
    headers = headers_of(answer)
    assert {name: headers[name] for name in headers if name.startswith("retry")} == told
    assert ("0.1" in error_of(answer)["message"]) is (style != "absent")
    # The resets of the allowance would tell it too.
    assert any("reset" in name for name in headers) is bool(told)


def test_kinds_differ_by_their_words():
    said = {limit: error_of(given(made("rate_limit", limit=limit), "openai")) for limit in KINDS}
    assert [(said[kind]["type"], said[kind]["code"]) for kind in KINDS] == [
        ("requests", "rate_limit_exceeded"),
        ("tokens", "rate_limit_exceeded"),
        ("rate_limit_error", "slow_down"),
    ]
    assert "heron-1" in said["rpm"]["message"]


KINDS = ("rpm", "tpm", "ramp")


def test_the_longest_wait_is_a_day():
    answer = given(made("rate_limit", retry_after="24h"), "azure_openai")
    assert headers_of(answer)["retry-after"] == "86400"


def test_azure_has_no_limit_to_the_ramp():
    fault = made("rate_limit", limit="ramp")
    assert fault.misfit(find("azure_openai")) == (
        "a provider of dialect azure_openai never says ramp"
    )
    assert fault.misfit(find("openai")) == ""


@pytest.mark.parametrize(
    "settings",
    [
        {"limit": "rpd"},
        {"retry_after": "99ms"},
        {"retry_after": "86401s"},
        {"retry_after": 20},
        {"style": ""},
        {"requests_per_min": 0},
        {"tokens_per_min": 0},
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any]):
    with pytest.raises(FileError, match="rate_limit"):
        made("rate_limit", **settings)


def test_felt():
    limited = window([at_primary(Outcome.HTTP_ERROR)] * 3)
    assert made("rate_limit").felt(counted(3), "primary", window(GOOD), limited).count == 3
    assert not made("rate_limit").felt(counted(3), "primary", window(GOOD), window(GOOD)).felt
    assert not made("rate_limit").felt(counted(0, 9), "primary", window(GOOD), limited).felt
