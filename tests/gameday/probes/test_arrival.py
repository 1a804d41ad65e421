"""What has come of an answer is understood when it is asked for, with the times of its coming."""

import pytest

from gameday.domain.front_door import FrontDoor
from gameday.domain.sample import Outcome
from gameday.probes.arrival import Arrival
from gameday.probes.dialects.openai import OpenAI
from tests.gameday.probes.wire_rig import DONE, body, delta

DIALECT = OpenAI(FrontDoor())
STREAM = [("Content-Type", "text/event-stream; charset=utf-8")]


def arrival(*pieces, status=200, fields=(), ended_at=None):
    """pieces: (when it was read, bytes and more bytes)."""
    here = Arrival(DIALECT)
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in fields)]
    taker = here.head(status, "\r\n".join(lines))
    for at, *parts in pieces:
        taker.take(at, list(parts))
    if ended_at is not None:
        here.end(ended_at)
    return here


def test_a_stream_has_the_times_at_which_it_was_read():
    here = arrival(
        (10.0, delta("After ")), (10.5, delta("30 ")), (12.0, delta("days."), delta(finish="stop")),
        (13.0, DONE), fields=STREAM, ended_at=13.0,
    )  # fmt: skip
    answer = here.answer
    assert answer.outcome() == (Outcome.OK, "")
    assert answer.times == [10.0, 10.5, 12.0]


def test_an_event_counts_from_when_its_last_byte_was_read():
    event = delta("After ")
    answer = arrival((1.0, event[:5], event[5:9]), (2.0, event[9:]), fields=STREAM).answer
    assert answer.times == [2.0]


def test_an_event_that_only_the_end_of_the_body_ends_counts_from_there():
    event = delta("After ").rstrip(b"\n")
    assert arrival((1.0, event), fields=STREAM).answer.times == []
    assert arrival((1.0, event), fields=STREAM, ended_at=4.0).answer.times == [4.0]


def test_a_body_is_read_when_it_is_whole_and_not_before():
    text = body("After 30 days.")
    pieces = (1.0, text[:9]), (2.0, text[9:20], text[20:])
    assert not arrival(*pieces).answer.parts
    assert arrival(*pieces, ended_at=2.0).answer.text == "After 30 days."


def test_what_was_given_up_stays_that_however_well_it_began():
    here = arrival((1.0, delta("After ")), fields=STREAM)
    here.spoil("more than enough")
    assert here.answer.outcome() == (Outcome.CUT, "more than enough")


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ([("X-A", "1"), ("", "2")], {"x-a": "1", "": "2"}),
        ([("X-A", "1"), ("", "2"), ("x-a", "3")], {"x-a": "1, 3", "": "2"}),
    ],
)
def test_headers_of_one_name_are_joined_in_their_order(fields, headers):
    assert arrival(fields=fields).headers.fields == headers


@pytest.mark.parametrize(
    ("fields", "until_close"),
    [
        ([], True),
        ([("Content-Length", "3")], False),
        ([("Transfer-Encoding", "Chunked")], False),
        ([("Transfer-Encoding", "gzip")], True),
    ],
)
def test_who_tells_where_an_answer_ends(fields, until_close):
    assert arrival(fields=fields).until_close is until_close
    assert not Arrival(DIALECT).until_close, "nothing has come"
