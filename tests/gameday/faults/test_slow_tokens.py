"""slow_tokens: a gap before every content event but the first."""

import pytest

from gameday.domain.sample import Outcome
from gameday.domain.wire import Send, Wait
from gameday.faults.slow_tokens import SlowTokens
from tests.gameday.faults.judged import answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS, event_of, events_of, wire

FAULT = SlowTokens(gap_ms=400)
GOOD = window([answered(ttft_ms=100.0, latency_ms=300.0 + n) for n in range(20)])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_content_event_but_the_first_waits(dialect: str):
    wired = wire(FAULT, dialect)
    events = events_of(dialect)
    contents = [event for event in events if event.is_content]
    for event, steps in zip(events, wired.steps, strict=True):
        waits = event.is_content and event != contents[0]
        assert steps == ((Wait(0.4), Send(event.raw)) if waits else (Send(event.raw),))


def test_comments_keep_their_place_and_wait_for_nothing_of_their_own():
    comment = event_of("openai", b": keep-alive\n\n")
    first, *rest = events_of("openai")
    wired = wire(FAULT, "openai", [first, comment, *rest])
    assert wired.steps[1] == (Send(comment.raw),)
    assert wired.sent.index(comment.raw) == len(first.raw)


def test_felt_in_the_time_from_first_token_to_end():
    seen = [
        answered(ttft_ms=5000.0, latency_ms=5300.0),  # late, but not slow
        answered(ttft_ms=100.0, latency_ms=827.0),
        answered(ttft_ms=100.0, latency_ms=828.0),
        answered(Outcome.CUT, ttft_ms=100.0, latency_ms=400.0),
        at_primary(Outcome.TIMEOUT),
    ]
    felt = FAULT.felt(counted(5), "primary", GOOD, window(seen))
    assert felt.count == 5
    assert felt.sentence.endswith(
        "3 requests tried primary and took over 727 ms from the first token to the end "
        "(baseline p95 218 ms), or came to no good end"
    )


def test_not_felt():
    assert not FAULT.felt(counted(5), "primary", GOOD, GOOD).felt
    nothing = FAULT.felt(counted(5), "primary", window([]), GOOD)
    assert "primary answered nothing in the baseline" in nothing.sentence
    assert not nothing.felt
