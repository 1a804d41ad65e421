"""The provider's limits: counted, refused when used up, and fresh in the next minute."""

import pytest

from lab.provider.rate_meter import RateMeter


def test_requests_and_tokens_are_both_counted() -> None:
    meter = RateMeter(requests_max=3, tokens_max=100)
    state = meter.take(40)
    assert (state.allowed, state.requests_left, state.tokens_left) == (True, 2, 60)
    assert 0 < state.resets_in_s <= 60


def test_a_request_over_the_tokens_is_refused_and_not_counted() -> None:
    meter = RateMeter(requests_max=3, tokens_max=100)
    assert not meter.take(101).allowed
    assert meter.take(100).tokens_left == 0
    assert not meter.take(1).allowed


def test_the_next_minute_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("lab.provider.rate_meter.time.monotonic", lambda: now)
    meter = RateMeter(requests_max=1, tokens_max=100)
    assert meter.take(1).allowed
    assert not meter.take(1).allowed
    now += 60.0
    assert meter.take(1).allowed
