"""When an event counts as held or merged."""

from bench.gate.asking import Got
from bench.gate.scenarios.streams import held, merged
from bench.wire import event_chunk


def event(sent_ns):
    """The event without its chunk's framing."""
    return event_chunk(sent_ns).partition(b"\r\n")[2].removesuffix(b"\r\n")


def test_events_that_come_before_the_next_one_leaves_are_neither():
    got = Got(chunks=[(12, event(10)), (22, event(20)), (32, event(30)), (40, b"")])
    assert (held(got), merged(got)) == (0, 0)


def test_an_event_that_comes_after_the_next_one_left_was_held():
    got = Got(chunks=[(21, event(10)), (22, event(20)), (32, event(30))])
    assert (held(got), merged(got)) == (1, 0)


def test_two_events_in_one_chunk_were_merged_and_the_first_was_held():
    got = Got(chunks=[(22, event(10) + event(20)), (32, event(30))])
    assert (held(got), merged(got)) == (1, 1)


def test_a_chunk_without_a_whole_event_counts_too():
    got = Got(chunks=[(12, event(10)[:20]), (13, event(10)[20:])])
    assert merged(got) >= 1
