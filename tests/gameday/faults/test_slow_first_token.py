"""slow_first_token: the head or the first content is late, everything behind it is not."""

import math
import statistics

import pytest

from gameday.domain.sample import Outcome
from gameday.domain.wire import Send, Wait
from gameday.faults.slow_first_token import SlowFirstToken
from tests.gameday.faults.judged import answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS, body_of, events_of, hit_of, wire

LATE = SlowFirstToken(latency_ms=4000)
GOOD = window([answered(ttft_ms=100.0 + n, latency_ms=300.0) for n in range(20)])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_before_content_only_the_first_content_event_waits(dialect: str):
    wired = wire(LATE, dialect)
    first = next(event for event in events_of(dialect) if event.is_content)
    assert wired.sent == b"".join(event.raw for event in events_of(dialect))
    (waiting,) = [steps for steps in wired.steps if len(steps) > 1]
    assert waiting == (Wait(4.0), Send(first.raw))
    assert LATE.hold_s(hit_of(dialect)) == 0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_before_content_a_whole_body_waits(dialect: str):
    body = body_of(dialect)
    steps = LATE.on_body(hit_of(dialect, stream=False), body)
    assert tuple(steps) == (Wait(4.0), Send(body))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_before_headers_the_request_is_held_and_nothing_else(dialect: str):
    fault = SlowFirstToken(latency_ms=4000, before="headers")
    assert fault.hold_s(hit_of(dialect)) == 4.0
    assert all(isinstance(step, Send) for step in wire(fault, dialect).flat)
    body = body_of(dialect)
    assert tuple(fault.on_body(hit_of(dialect, stream=False), body)) == (Send(body),)


def test_with_a_sigma_delays_are_lognormal_and_repeatable():
    fault = SlowFirstToken(latency_ms=1000, sigma=0.5, before="headers")
    hit = hit_of("openai", seed=7)
    delays = [fault.hold_s(hit) for _ in range(4000)]
    logs = [math.log(delay) for delay in delays]
    assert statistics.median(delays) == pytest.approx(1.0, rel=0.05)
    assert statistics.mean(logs) == pytest.approx(0.0, abs=0.05)
    assert statistics.stdev(logs) == pytest.approx(0.5, rel=0.05)
    again = hit_of("openai", seed=7)
    assert [fault.hold_s(again) for _ in range(10)] == delays[:10]


def test_no_delay_is_without_bound():
    fault = SlowFirstToken(latency_ms=600_000, sigma=2, before="headers")
    hit = hit_of("openai")
    assert max(fault.hold_s(hit) for _ in range(200)) == 600.0


def test_felt_in_the_first_token_or_in_the_attempt():
    seen = [
        answered(ttft_ms=2108.0, latency_ms=2300.0),
        answered(ttft_ms=2109.0, latency_ms=2300.0),
        answered(latency_ms=4300.0),  # not streamed: no first token is told apart
        at_primary(Outcome.TIMEOUT, 1000.0),
        at_primary(Outcome.OK, 2100.0),
    ]
    felt = LATE.felt(counted(5), "primary", GOOD, window(seen))
    assert felt.sentence.endswith(
        "4 requests tried primary and began 2000 ms later than the usual 109 ms, or timed out"
    )


def test_not_felt():
    assert not LATE.felt(counted(5), "primary", GOOD, GOOD).felt
    nothing = LATE.felt(counted(5), "primary", window([]), GOOD)
    assert "nothing to compare with" in nothing.sentence
    assert not nothing.felt
