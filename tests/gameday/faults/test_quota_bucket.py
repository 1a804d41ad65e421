"""quota_bucket: it counts truly, tells the wait truly, and the neighbour takes what it takes."""

import json
import math
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from gameday.domain.errors import FileError
from gameday.domain.sample import Outcome
from gameday.domain.wire import Answer, Hit
from gameday.faults.quota_bucket import QuotaBucket, tokens_wanted
from gameday.gate.dialects import find
from tests.gameday.faults.given import error_of, headers_of, made
from tests.gameday.faults.judged import GOOD, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS, asked

CHARACTERS = len("How long do refunds take?")


class Tenant:
    """Asks one armed bucket at times of its own."""

    def __init__(self, fault: QuotaBucket, dialect: str = "openai") -> None:
        self.fault, self.dialect = fault, dialect
        self.memory: dict[str, Any] = {}

    def ask(self, at_s: float, tokens: int = 16) -> Answer | None:
        """None when it was let through. tokens: what the request wants, its prompt included."""
        request = asked(self.dialect)
        prompt = math.ceil(CHARACTERS / 4)
        body = {**request.body, "max_tokens": max(0, tokens - prompt)}
        hit = Hit(
            request.__class__("POST", request.path, {}, body, "req-1"),
            find(self.dialect),
            now_s=at_s,
            draw=lambda: 0.5,
            memory=self.memory,
        )
        return self.fault.instead(hit)


def bucket(**settings: Any) -> QuotaBucket:
    fault = made("quota_bucket", **settings)
    assert isinstance(fault, QuotaBucket)
    return fault


def wait_s(denied: Answer) -> float:
    return float(headers_of(denied)["retry-after"])


def test_the_burst_passes_and_then_the_rate():
    tenant = Tenant(bucket(requests_per_min=60, burst="5s"))
    assert [tenant.ask(0.0) is None for _ in range(7)] == [True] * 5 + [False] * 2
    passed = sum(tenant.ask(tenth / 10) is None for tenth in range(1, 101))
    assert passed == 10  # one a second


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_denial_is_the_dialects_429_with_what_is_left(dialect: str):
    tenant = Tenant(bucket(requests_per_min=60, burst="1s"), dialect)
    assert tenant.ask(0.0) is None
    denied = tenant.ask(0.25)
    assert denied is not None
    assert denied.status == 429
    assert wait_s(denied) == 0.75
    told = headers_of(denied)
    left = {name: value for name, value in told.items() if "remaining" in name}
    assert set(left.values()) == {"0"}
    assert not any("tokens" in name for name in left)  # they are not limited
    assert any(value == "60" for name, value in told.items() if "limit" in name)


def test_tokens_run_out_too():
    tenant = Tenant(bucket(requests_per_min=6000, tokens_per_min=6000, burst="10s"))
    assert tenant.ask(0.0, tokens=900) is None
    denied = tenant.ask(0.0, tokens=300)
    assert denied is not None
    assert error_of(denied)["type"] == "tokens"
    assert wait_s(denied) == 2.0  # 200 tokens are missing, 100 come a second
    assert headers_of(denied)["x-ratelimit-remaining-tokens"] == "100"
    assert tenant.ask(0.0, tokens=100) is None  # a smaller one fits


def test_a_request_larger_than_the_bucket_is_given_no_hope():
    tenant = Tenant(bucket(requests_per_min=600, tokens_per_min=6000, burst="1s"))
    denied = tenant.ask(0.0, tokens=101)
    assert denied is not None
    assert "retry-after" not in headers_of(denied)
    assert tenant.ask(0.0, tokens=100) is None


def test_what_is_denied_takes_nothing():
    tenant = Tenant(bucket(requests_per_min=60, tokens_per_min=600, burst="10s"))
    for _ in range(50):
        assert tenant.ask(0.0, tokens=101) is not None
    assert [tenant.ask(0.0, tokens=10) is None for _ in range(11)] == [True] * 10 + [False]


def test_a_quiet_neighbour_leaves_the_difference():
    tenant = Tenant(bucket(requests_per_min=600, burst="1s", neighbour_requests_per_min=480))
    passed = sum(tenant.ask(tenth / 10) is None for tenth in range(601))
    assert passed == pytest.approx(10 + 2 * 60, abs=1)


def test_a_loud_neighbour_leaves_the_burst_and_then_nothing():
    tenant = Tenant(bucket(requests_per_min=600, burst="1s", neighbour_requests_per_min=1200))
    passed = [tenant.ask(tenth / 100) is None for tenth in range(1000)]
    assert sum(passed) <= 10
    assert not any(passed[100:])


def test_a_neighbour_that_takes_tokens_denies_requests():
    fault = bucket(tokens_per_min=6000, neighbour_tokens_per_min=12_000, burst="1s")
    tenant = Tenant(fault)
    assert tenant.ask(0.0, tokens=50) is None
    denied = tenant.ask(5.0, tokens=50)
    assert denied is not None
    assert error_of(denied)["type"] == "tokens"


RATES = st.integers(1, 100_000)
ARRIVALS = st.lists(st.tuples(st.floats(0, 3), st.integers(8, 400)), min_size=1, max_size=60)


@settings(max_examples=150)
@examples(
    requests=RATES,
    tokens=RATES,
    burst_s=st.integers(1, 120),
    arrivals=ARRIVALS,
    neighbour=st.floats(0, 2),
)
def test_never_more_than_burst_and_rate(
    requests: int, tokens: int, burst_s: int, arrivals: list[tuple[float, int]], neighbour: float
):
    if requests * burst_s < 60:
        requests = 60
    fault = bucket(
        requests_per_min=requests,
        tokens_per_min=tokens,
        burst=f"{burst_s}s",
        neighbour_requests_per_min=neighbour * requests,
        neighbour_tokens_per_min=neighbour * tokens,
    )
    tenant, at_s = Tenant(fault), 1000.0
    began_s, passed = at_s, []
    for pause_s, wanted in arrivals:
        at_s += pause_s
        if tenant.ask(at_s, wanted) is None:
            passed.append((at_s, wanted))
    # From any of them on, so that no stretch has more, wherever it begins.
    for first, (since_s, _) in enumerate(passed):
        stretch_s = passed[-1][0] - since_s
        some = passed[first:]
        assert len(some) <= (burst_s + stretch_s) * requests / 60 + 1e-3
        assert sum(wanted for _, wanted in some) <= (burst_s + stretch_s) * tokens / 60 + 1e-3
    assert began_s == 1000.0


@settings(max_examples=150)
@examples(requests=RATES, tokens=RATES, burst_s=st.integers(1, 120), arrivals=ARRIVALS)
def test_after_its_wait_a_request_is_let_through(
    requests: int, tokens: int, burst_s: int, arrivals: list[tuple[float, int]]
):
    if requests * burst_s < 60:
        requests = 60
    fault = bucket(requests_per_min=requests, tokens_per_min=tokens, burst=f"{burst_s}s")
    tenant, at_s = Tenant(fault), 0.0
    for pause_s, wanted in arrivals:
        at_s += pause_s
        denied = tenant.ask(at_s, wanted)
        if denied is None:
            continue
        if "retry-after" not in headers_of(denied):
            assert wanted > tokens * burst_s / 60
            continue
        told_s = wait_s(denied)
        if told_s > 0.005:  # not a hair too long either
            assert tenant.ask(at_s + told_s - 0.004, wanted) is not None
        at_s += told_s
        assert tenant.ask(at_s, wanted) is None


def test_a_clock_that_stands_still_refills_nothing():
    tenant = Tenant(bucket(requests_per_min=60, burst="1s"))
    assert tenant.ask(5.0) is None
    assert tenant.ask(5.0) is not None
    assert tenant.ask(4.0) is not None  # and none that goes back
    assert tenant.ask(6.0) is None


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({}, 16),
        ({"messages": "x"}, 17),
        ({"messages": [{"role": "user", "content": "a" * 41}], "max_tokens": 100}, 111),
        ({"messages": [{"content": [{"type": "text", "text": "a" * 40}]}], "max_tokens": 0}, 10),
        ({"system": "a" * 8, "messages": [{"content": "a" * 8}], "max_tokens": 1}, 5),
        ({"system": [{"text": "a" * 8}], "max_completion_tokens": 7, "max_tokens": 9}, 9),
        ({"messages": [{"content": None}, 3, None], "max_tokens": "many"}, 16),
        ({"max_tokens": -5}, 16),
    ],
)
def test_tokens_are_estimated_as_providers_do(body: dict[str, Any], tokens: int):
    assert tokens_wanted(body) == tokens


def test_a_request_does_not_decide_how_deep_we_look():
    deep: Any = "x" * 400
    for _ in range(900):
        deep = [deep]
    assert tokens_wanted({"messages": deep}) == 16
    assert json.dumps(tokens_wanted({"messages": [{"content": [["x" * 4]]}]})) == "17"


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests_per_min": 0},
        {"tokens_per_min": 0},
        {"requests_per_min": 1, "burst": "59s"},
        {"burst": 10},
        {"burst": "0s"},
        {"neighbour_requests_per_min": -1},
        {"neighbour_tokens_per_min": 5},
        {"style": "date"},
    ],
)
def test_bad_settings_are_refused(wrong: dict[str, Any]):
    with pytest.raises(FileError, match="quota_bucket"):
        made("quota_bucket", **wrong)


def test_every_provider_can_say_so():
    for dialect in DIALECTS:
        assert bucket(tokens_per_min=600).misfit(find(dialect)) == ""


def test_felt():
    denied = window([at_primary(Outcome.HTTP_ERROR)] * 3)
    assert bucket().felt(counted(3, 20), "primary", window(GOOD), denied).count == 3
    assert not bucket().felt(counted(0, 20), "primary", window(GOOD), denied).felt
