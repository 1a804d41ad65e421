"""stream_bad_event: one event of broken JSON is put in, and everything else flows."""

import json

import pytest

from gameday.domain.sample import Outcome
from gameday.domain.wire import Event
from gameday.faults._streams import with_data
from gameday.faults.stream_bad_event import StreamBadEvent
from tests.gameday.faults.judged import answered, at_primary, counted, window
from tests.gameday.faults.wired import DIALECTS, event_of, events_of, wire

GOOD = window([answered()] * 20)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_broken_event_is_put_in_and_nothing_is_lost(dialect: str):
    wired = wire(StreamBadEvent(after_tokens=2), dialect)
    events = wired.events(dialect)
    own = [event.raw for event in events_of(dialect)]
    (broken,) = [event for event in events if event.raw not in own]
    assert [event.raw for event in events if event is not broken] == own
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken.data)
    assert sum(event.is_content for event in events[: events.index(broken)]) == 2


def test_it_bears_the_name_of_an_event_that_clients_read():
    wired = wire(StreamBadEvent(after_tokens=0), "anthropic")
    assert wired.sent.count(b"event: content_block_delta\n") == 1 + sum(
        event.is_content for event in events_of("anthropic")
    )


def test_characters_stay_whole():
    for position in range(4):
        data = json.dumps({"delta": " " * position + "ä" * 40}, ensure_ascii=False).encode()
        event = Event(b"data: " + data + b"\n\n", data, is_content=True)
        broken = wire(StreamBadEvent(after_tokens=0), "openai", [event]).sent.split(b"\n\n")[0]
        assert broken.decode().startswith("data: {")


def test_data_in_several_lines_becomes_one():
    raw = b"event: content_block_delta\ndata: {\ndata: }\n\n"
    event = event_of("anthropic", raw)
    assert event.data == b"{\n}"
    assert with_data(event, b"[]") == b"event: content_block_delta\ndata: []\n\n"


def test_felt_unless_it_is_skipped():
    malformed = window([at_primary(Outcome.MALFORMED), answered(Outcome.CUT)])
    assert StreamBadEvent().felt(counted(2), "primary", GOOD, malformed).count == 2
    skipped = StreamBadEvent().felt(counted(2), "primary", GOOD, GOOD)
    assert "but the client did not feel it" in skipped.sentence
    assert not skipped.felt
